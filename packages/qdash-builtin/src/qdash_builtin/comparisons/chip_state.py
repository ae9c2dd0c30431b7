"""States of a chip at a point in time: values, statuses and directions of its targets."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from qdash_builtin.chips.days import read_chip_on_day
from qdash_builtin.comparisons.past_chip import read_judged_past_chip
from qdash_builtin.comparisons.released_chip import read_released_chip
from qdash_builtin.values.newest_values import NewestValues
from qdash_builtin.values.point_in_time import PointInTime, PointKind
from qdash_builtin.values.release_repository import ReleaseRepository
from qdash_core.chips.chip import read_chip
from qdash_core.models.chip import CouplingModel
from qdash_core.models.chip_judgement import Judgement
from qdash_core.models.targets import get_control_qubit
from qdash_core.repositories.cooldowns import CooldownRepository
from qdash_core.repositories.results import LatestResultRepository, TaskRepository
from qdash_core.values.manual_values import MANUAL_TASK

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from qdash_builtin.comparisons.past_chip import PastChip
    from qdash_builtin.metrics.judgement.reader import JudgementReader
    from qdash_core.chips.chip import Chip
    from qdash_core.models.chip import ChipModel, ParameterModel, QubitModel, TargetStatus, WiringModel
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
    label : str
        The point in time, as the user wrote it; a duration before now as the time.
    at : datetime or None
        The time, or None for the end of a cool-down that has not ended.
    judgement : Judgement
        Judgement of its targets at that time; empty if it is unknown.
    designs : mapping of str to mapping of str to float or None, or None
        Design values by target, or None if these and the wiring are unknown.
    wiring : WiringModel or None
        The wiring, or None if there is none.
    """

    chip_id: str
    label: str
    at: datetime | None
    targets: Mapping[str, KnownTargetState] = field(default_factory=dict)
    judgement: Judgement = field(default_factory=Judgement)
    designs: Mapping[str, Mapping[str, float | None]] | None = None
    wiring: WiringModel | None = None


def make_present_state(chip: Chip, label: str, at: datetime) -> ChipState:
    """Return the state of a chip that is completely known: the present one, or that of a release."""
    targets: list[QubitModel | CouplingModel] = [*chip.qubits.values(), *chip.couplings.values()]
    return ChipState(
        chip.header.chip_id,
        label,
        at,
        make_states(targets),
        chip.judgement,
        {one.qid: one.design for one in targets},
        chip.header.wiring,
    )


def make_past_state(past: PastChip, label: str) -> ChipState:
    """Return the state of a chip at an earlier time; a status that changed before changes were recorded is unknown."""
    state = make_present_state(past.chip, label, past.at)
    unknown = {qid: replace(state.targets[qid], status=None) for qid in past.unknown}
    return replace(state, targets={**state.targets, **unknown}, designs=None)


def make_states(targets: Iterable[QubitModel | CouplingModel]) -> dict[str, KnownTargetState]:
    """Return the stored states of qubits and couplings."""
    return {one.qid: KnownTargetState(one.data, one.status, _find_control(one)) for one in targets}


def read_state(
    repositories: Repositories, chip: Chip, point: PointInTime, judgements: JudgementReader, *, now: datetime
) -> ChipState:
    """Return the state of a chip, or of the chip that the point names, at a point in time.

    At a time before its creation the chip has no values and unknown statuses. `chip` is the present chip, from the snapshot of `repositories`.

    Raises
    ------
    NotFoundError, InvalidInputError, ConflictError
        If there is no such chip, release, cool-down, execution or daily copy, or the execution ran on another chip or has not ended.
    """
    project_id, chip_id = chip.header.project_id, chip.header.chip_id
    match point.kind:
        case PointKind.CHIP | PointKind.NOW:
            present = chip if point.kind is PointKind.NOW else read_chip(repositories, project_id, point.name)
            judgement = judgements.read(repositories, project_id, present.header.chip_id)
            return make_present_state(present.judge(judgement), point.text, now)
        case PointKind.DAY:
            at = point.moment or now
            on_day = read_chip_on_day(
                repositories, project_id, chip_id, point.day, judge=judgements.judge_past, at=at
            )
            without = {qid: KnownTargetState({}) for qid in on_day.without_copy}
            states = make_states(on_day.targets.values()) | without
            return ChipState(chip_id, point.text, point.moment, states, on_day.judgement)
        case PointKind.COOLDOWN | PointKind.COOLDOWN_START:
            return _read_cooldown(repositories, chip, point)
        case PointKind.RELEASE:
            release = repositories.of(ReleaseRepository).require(project_id, chip_id, point.name)
            released = read_released_chip(repositories, release, judgements.read_declared())
            return make_present_state(released, point.text, release.created_at)
        case PointKind.TIME | PointKind.EXECUTION:
            moment = point.find_moment(repositories, project_id, chip_id)
            if moment < chip.header.created_at:
                targets = make_present_state(chip, point.text, now).targets
                empty = {qid: KnownTargetState({}, None, one.control) for qid, one in targets.items()}
                return ChipState(chip_id, point.text, moment, empty)
            past = read_judged_past_chip(repositories, chip, moment, judgements)
            return make_past_state(past, point.text)


def _read_cooldown(repositories: Repositories, chip: Chip, point: PointInTime) -> ChipState:
    """Return the first or newest accepted values that were measured in a cool-down, in the present directions; statuses are unknown."""
    header = chip.header
    cooldown = repositories.of(CooldownRepository).require(header.project_id, point.name)
    first = point.kind is PointKind.COOLDOWN_START
    usable, tasks = NewestValues(repositories, header), _list_tasks(repositories, header)
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
    for definition in repositories.of(TaskRepository).list_by_project(header.project_id):
        outputs.setdefault(definition.name, set()).update(definition.output_parameters)
    found: dict[str, dict[str, Collection[str] | None]] = defaultdict(lambda: {MANUAL_TASK: None})
    for latest in repositories.of(LatestResultRepository).list_by_chip(header.project_id, header.chip_id):
        found[latest.qid][latest.name] = outputs.get(latest.name)
    return found


def _find_control(target: QubitModel | CouplingModel) -> str | None:
    return get_control_qubit(target) if isinstance(target, CouplingModel) else None
