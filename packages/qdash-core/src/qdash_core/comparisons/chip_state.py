"""States of a chip at a point in time: values, statuses and directions of its targets."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from qdash_core.chips.chip import read_chip
from qdash_core.models.chip import CouplingModel, TargetStatus
from qdash_core.models.targets import get_control_qubit
from qdash_core.values.manual_values import MANUAL_TASK
from qdash_core.values.point_in_time import PointInTime, PointKind
from qdash_core.values.reversion import find_former_states
from qdash_core.values.usable_results import UsableResults

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from qdash_core.chips.chip import Chip
    from qdash_core.models.chip import ChipModel, ParameterModel, QubitModel
    from qdash_core.repositories.repositories import Repositories


@dataclass(frozen=True, slots=True)
class KnownTargetState:
    """Values, status and direction of a qubit or coupling at a point in time.

    Parameters
    ----------
    data : mapping of str to ParameterModel
        Its values by parameter.
    status : TargetStatus or None
        Its status, or None if unknown.
    control : str or None
        Control qubit of a coupling; the lower one if no direction was chosen.
    """

    data: Mapping[str, ParameterModel]
    status: TargetStatus | None = None
    control: str | None = None


@dataclass(frozen=True, slots=True)
class ChipState:
    """State of a chip at a point in time.

    Parameters
    ----------
    chip_id : str
        The chip.
    label : str
        The point in time, as the user wrote it; a duration before now as the time.
    at : datetime or None
        The time, or None for the end of a cool-down that has not ended.
    targets : mapping of str to KnownTargetState
        Its qubits and couplings.
    """

    chip_id: str
    label: str
    at: datetime | None
    targets: Mapping[str, KnownTargetState] = field(default_factory=dict)


def make_present_state(chip: Chip, label: str, now: datetime) -> ChipState:
    """Return the present state of a chip."""
    return ChipState(
        chip.header.chip_id, label, now, make_states((*chip.qubits.values(), *chip.couplings.values()))
    )


def make_states(targets: Iterable[QubitModel | CouplingModel]) -> dict[str, KnownTargetState]:
    """Return the stored states of qubits and couplings."""
    return {one.qid: KnownTargetState(one.data, one.status, _find_control(one)) for one in targets}


def read_past_state(repositories: Repositories, chip: Chip, label: str, moment: datetime) -> ChipState:
    """Return the state of a chip at a time.

    Values and directions follow from the log of value events, statuses from the log of events, which is kept for a limited time
    (`QDASH_EVENT_DAYS`). A status that may have changed before the oldest stored event is unknown.

    Parameters
    ----------
    repositories : Repositories
        Repositories of a snapshot.
    chip : Chip
        The present chip, from the same snapshot.
    label : str
        The time as the user wrote it.
    moment : datetime
        The time.
    """
    where = chip.header.project_id, chip.header.chip_id
    changes = repositories.value_changes.list_since(*where, moment)
    targets: list[QubitModel | CouplingModel] = [*chip.qubits.values(), *chip.couplings.values()]
    former = find_former_states(targets, changes, moment)
    statuses = find_former_statuses(repositories, targets, changes, moment)
    states = {
        one.qid: KnownTargetState(
            former[one.qid].values,
            statuses[one.qid],
            (former[one.qid].control or one.qid.partition("-")[0])
            if isinstance(one, CouplingModel)
            else None,
        )
        for one in targets
    }
    return ChipState(chip.header.chip_id, label, moment, states)


def read_state(repositories: Repositories, chip: Chip, point: PointInTime, *, now: datetime) -> ChipState:
    """Return the state of a chip, or of the chip that the point names, at a point in time.

    At a time before its creation the chip has no values and unknown statuses.

    Parameters
    ----------
    repositories : Repositories
        Repositories of a snapshot.
    chip : Chip
        The present chip, from the same snapshot.
    point : PointInTime
        The point in time.
    now : datetime
        The current time.

    Raises
    ------
    NotFoundError, InvalidInputError, ConflictError
        If there is no such chip, release, cool-down or execution, or the execution ran on another chip or has not ended.
    """
    project_id, chip_id = chip.header.project_id, chip.header.chip_id
    match point.kind:
        case PointKind.CHIP:
            return make_present_state(read_chip(repositories, project_id, point.name), point.text, now)
        case PointKind.NOW:
            return make_present_state(chip, point.text, now)
        case PointKind.COOLDOWN | PointKind.COOLDOWN_START:
            return _read_cooldown(repositories, chip, point)
        case PointKind.RELEASE:
            release = repositories.releases.require(project_id, chip_id, point.name)
            states = make_states(repositories.release_targets.list_states(release))
            return ChipState(chip_id, point.text, release.created_at, states)
        case PointKind.TIME | PointKind.EXECUTION:
            moment = point.find_moment(repositories, project_id, chip_id)
            if moment < chip.header.created_at:
                targets = make_present_state(chip, point.text, now).targets
                empty = {qid: KnownTargetState({}, None, one.control) for qid, one in targets.items()}
                return ChipState(chip_id, point.text, moment, empty)
            return read_past_state(repositories, chip, point.text, moment)


def _read_cooldown(repositories: Repositories, chip: Chip, point: PointInTime) -> ChipState:
    """Return the first or newest accepted values that were measured in a cool-down, in the present directions; statuses are unknown."""
    header = chip.header
    cooldown = repositories.cooldowns.require(header.project_id, point.name)
    first = point.kind is PointKind.COOLDOWN_START
    usable, tasks = UsableResults(repositories, header), _list_tasks(repositories, header)
    targets: list[QubitModel | CouplingModel] = [*chip.qubits.values(), *chip.couplings.values()]
    states = {
        one.qid: KnownTargetState(
            usable.find_in_cooldown(one, tasks[one.qid], cooldown.cooldown_id, first=first),
            None,
            _find_control(one),
        )
        for one in targets
    }
    at = cooldown.started_at if first else cooldown.ended_at
    return ChipState(header.chip_id, point.text, at, states)


def _list_tasks(
    repositories: Repositories, header: ChipModel
) -> Mapping[str, Mapping[str, Collection[str] | None]]:
    """Return the tasks that ran on each target, and manual values, each with its outputs, or None if unknown."""
    outputs: dict[str, set[str]] = {}
    for definition in repositories.tasks.list_by_project(header.project_id):
        outputs.setdefault(definition.name, set()).update(definition.output_parameters)
    found: dict[str, dict[str, Collection[str] | None]] = defaultdict(lambda: {MANUAL_TASK: None})
    for latest in repositories.latest_results.list_by_chip(header.project_id, header.chip_id):
        found[latest.qid][latest.name] = outputs.get(latest.name)
    return found


def find_former_statuses(
    repositories: Repositories,
    targets: Sequence[QubitModel | CouplingModel],
    changes: Iterable[Mapping[str, object]],
    moment: datetime,
) -> dict[str, TargetStatus | None]:
    """Return the status of each target at a time, or None if it is unknown.

    Parameters
    ----------
    repositories : Repositories
        Repositories of a snapshot.
    targets : sequence of QubitModel or CouplingModel
        The targets of one chip in their present state.
    changes : iterable of mapping
        Documents of the value events of the chip since the time, oldest first.
    moment : datetime
        The time.
    """
    statuses: dict[str, TargetStatus | None] = {one.qid: one.status for one in targets}
    later = {one.qid for one in targets if one.status_at is not None and one.status_at > moment}
    if not later:
        return statuses
    project_id, chip_id = targets[0].project_id, targets[0].chip_id
    oldest = repositories.events.find_first(project_id)
    is_complete = oldest is not None and (oldest.seq == 1 or oldest.created_at <= moment)
    first: dict[str, tuple[datetime, TargetStatus | None]] = {}
    for qid, at, former in (
        *_iter_logged(repositories, project_id, chip_id, moment),
        *_iter_of_values(changes),
    ):
        if qid not in first or at < first[qid][0]:
            first[qid] = at, former
    return {
        qid: first[qid][1] if qid in first else status if is_complete or qid not in later else None
        for qid, status in statuses.items()
    }


def _iter_logged(
    repositories: Repositories, project_id: str, chip_id: str, moment: datetime
) -> Iterator[tuple[str, datetime, TargetStatus | None]]:
    """Yield target, time and former status of each change of a status in the log of events; the former status is None in events that do not name it."""
    for event in repositories.events.iter_since_time(project_id, moment):
        if (
            event.kind == "chip.changed"
            and event.chip_id == chip_id
            and event.data.get("changed") == "status"
        ):
            former = event.data.get("statuses") or {}
            for qid in event.data.get("targets", ()):
                yield qid, event.created_at, TargetStatus(former[qid][0]) if qid in former else None


def _iter_of_values(
    changes: Iterable[Mapping[str, object]],
) -> Iterator[tuple[str, datetime, TargetStatus | None]]:
    """Yield target, time and former status of each change of a status by a value event."""
    for document in changes:
        status = document["status"]
        if isinstance(status, dict):
            at = document["created_at"]
            moment = datetime.fromisoformat(at) if isinstance(at, str) else at
            assert isinstance(moment, datetime)
            yield str(document["qid"]), moment, TargetStatus(status["before"])


def _find_control(target: QubitModel | CouplingModel) -> str | None:
    return get_control_qubit(target) if isinstance(target, CouplingModel) else None
