"""Writer of value events: the one place where values of a chip change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qdash_core.models.base import make_later_time
from qdash_core.models.chip import CouplingModel
from qdash_core.models.execution import EventModel
from qdash_core.models.value_change import (
    ChangedControl,
    ChangedOverride,
    ChangedSetting,
    ChangedStatus,
    ChangedValue,
    ValueChangeModel,
)
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import CouplingCalibrationRepository, QubitCalibrationRepository, redirect
from qdash_core.repositories.executions import EventRepository
from qdash_core.repositories.store import Transaction
from qdash_core.repositories.value_changes import ValueChangeRepository
from qdash_core.values.accepted_values import is_same

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from qdash_core.models.chip import ParameterModel, QubitModel, SettingChange
    from qdash_core.models.chip_judgement import FitnessChange
    from qdash_core.models.value_change import ChangedDecision, ValueEventKind
    from qdash_core.repositories.repositories import Repositories


@dataclass(frozen=True, slots=True)
class EventOrigin:
    """Origin of a value event: kind, author and reason.

    `username` may be the user of the run. `execution_id` and `task_id`, the single result that the event concerns,
    may be empty. `source` is the point in time or release of a reversion, the imported file, or that of the undone
    event. `scope` is the value scope of a commit or of its undo. `undoes` is the number of the undone event.
    """

    kind: ValueEventKind
    username: str
    reason: str = ""
    execution_id: str = ""
    task_id: str = ""
    source: str = ""
    scope: str = ""
    undoes: int | None = None


@dataclass(frozen=True, slots=True)
class TargetEdit:
    """Intended change of one qubit or coupling. Fields that are None or empty change nothing.

    Parameters
    ----------
    values : mapping of str to ParameterModel or None
        New values by parameter; None removes a value.
    control : ChangedControl or None
        New direction of a coupling, which removes the values of the former one. Only `after` is read.
    decisions : mapping of str to ChangedDecision
        Changed decisions on the result of the edit, which the caller has stored.
    status : ChangedStatus or None
        New status. If the status is no longer `before`, it stays.
    task_id : str
        Result that the edit concerns, or empty for that of the origin.
    overrides : mapping of str to ChangedOverride
        Changed statements that values may be trusted. Only `after` is read.
    setting : ChangedSetting or None
        Record of a changed setting that is added or taken back.
    """

    qid: str
    values: Mapping[str, ParameterModel | None] = field(default_factory=dict)
    control: ChangedControl | None = None
    decisions: Mapping[str, ChangedDecision] = field(default_factory=dict)
    status: ChangedStatus | None = None
    task_id: str = ""
    overrides: Mapping[str, ChangedOverride] = field(default_factory=dict)
    setting: ChangedSetting | None = None


@dataclass(frozen=True, slots=True)
class ValueEvent:
    """A change of values of a chip, with one part for each qubit and coupling.

    `undone_by` is the number of the event that undid it and is not undone itself, or None. `warnings` are
    contradictions of values set by hand with others of their target. `fitness` has the changes of the fitness of its
    targets and of couplings of them, and `targets` those whose stored state it changed, by id; both are empty for an
    event that is read again.
    """

    parts: Sequence[ValueChangeModel]
    undone_by: int | None = None
    warnings: tuple[str, ...] = ()
    fitness: Mapping[str, FitnessChange] = field(default_factory=dict)
    targets: Mapping[str, QubitModel | CouplingModel] = field(default_factory=dict, compare=False)

    @property
    def head(self) -> ValueChangeModel:
        """The first part: every part has the origin, the time and the number of the event."""
        return self.parts[0]

    @property
    def number(self) -> int:
        """Number of the event in its project."""
        return self.head.number


def write_event(
    repositories: Repositories,
    project_id: str,
    chip_id: str,
    origin: EventOrigin,
    edits: Iterable[TargetEdit],
    *,
    today: str,
    cooldown_id: str | None,
    now: datetime | None = None,
    targets: Iterable[QubitModel | CouplingModel] = (),
    last: ValueChangeModel | None = None,
) -> ValueEvent | None:
    """Change values of a chip in the transaction of the caller, with the daily copies, and record the event.

    Return the event, or None if nothing changed: unchanged values are not recorded. There is one edit for each
    target. `today` is the day of the daily copies, and `now` the time of the event, or None for the present. Targets
    that the caller has not read in the transaction and passed as `targets` are read one by one. `last` is a part of the last event of the
    project if the transaction wrote it, or None to read it.

    Raises
    ------
    NotFoundError
        If the chip has no such target.
    """
    before = last or repositories.of(ValueChangeRepository).find_last(project_id)
    now = now or utc_now()
    if before is not None:
        now = make_later_time(
            before.created_at, now
        )  # so that events in order of time are in order of number
    number = 1 if before is None else before.number + 1
    day = {"recorded_date": today, "cooldown_id": cooldown_id}
    read = {target.qid: target for target in targets}
    parts, written = [], {}
    for edit in edits:
        stored: Any = (
            repositories.of(CouplingCalibrationRepository)
            if "-" in edit.qid
            else repositories.of(QubitCalibrationRepository)
        )
        known = read.get(edit.qid) or stored.require(project_id, chip_id, edit.qid)
        changed, change = _apply(known, edit, origin, number=number, now=now)
        if changed is not known:
            stored.write_values(changed, former=known, **day)
            written[changed.qid] = changed
        if change is not None:
            parts.append(change)
    if not parts:
        return None
    repositories.of(ValueChangeRepository).add(parts)
    if origin.kind.by_hand:
        repositories.of(EventRepository).append(_make_log_event(parts))
    event = ValueEvent(parts, targets=written)
    if isinstance(repositories.scope, Transaction):
        repositories.scope.announce(event)
    return event


def _apply(
    known: QubitModel | CouplingModel,
    edit: TargetEdit,
    origin: EventOrigin,
    *,
    number: int,
    now: datetime,
) -> tuple[QubitModel | CouplingModel, ValueChangeModel | None]:
    """Return a target with an edit applied, and the recorded change; if nothing changes, the same target and None."""
    changed, control = _turn(known, edit.control)
    wanted = {**changed.data, **edit.values}
    data = {name: value for name, value in wanted.items() if value is not None}
    values = {
        name: ChangedValue(before=known.data.get(name), after=data.get(name))
        for name in {**known.data, **wanted}
        if not is_same(known.data.get(name), data.get(name))
    }
    wanted_status = edit.status
    if wanted_status is not None and wanted_status.before == known.status:
        changed = changed.with_changes(
            status=wanted_status.after, status_at=wanted_status.after_at, status_reason=None, now=now
        )
    status = None
    if changed.status != known.status:
        status = ChangedStatus(
            before=known.status,
            after=changed.status,
            before_at=known.status_at,
            after_at=changed.status_at,
        )
    overrides = _find_changed_overrides(known, edit)
    settings = _change_settings(known.settings, edit.setting)
    if not (values or control or status or edit.decisions or overrides or settings != known.settings):
        return known, None
    change = ValueChangeModel(
        project_id=known.project_id,
        chip_id=known.chip_id,
        number=number,
        qid=edit.qid,
        kind=origin.kind,
        username=origin.username,
        reason=origin.reason,
        execution_id=origin.execution_id,
        task_id=edit.task_id or origin.task_id,
        source=origin.source,
        scope=origin.scope,
        undoes=origin.undoes,
        values=values,
        decisions=dict(edit.decisions),
        overrides=overrides,
        setting=edit.setting,
        control=control,
        status=status,
        created_at=now,
        updated_at=now,
    )
    if not (values or control or status or overrides or settings != known.settings):
        return known, change
    kept = {**known.overrides, **{name: one.after for name, one in overrides.items()}}
    left = {name: one for name, one in kept.items() if one is not None}
    return changed.with_changes(data=data, overrides=left, settings=settings, now=now), change


def _change_settings(known: list[SettingChange], edit: ChangedSetting | None) -> list[SettingChange]:
    """Return the recorded changes of settings in the order of time."""
    if edit is None:
        return known
    left = [one for one in known if one != edit.before]
    if edit.after is not None and edit.after not in left:
        left.append(edit.after)
    return sorted(left, key=lambda one: one.at)


def _find_changed_overrides(
    known: QubitModel | CouplingModel, edit: TargetEdit
) -> dict[str, ChangedOverride]:
    return {
        name: ChangedOverride(before=known.overrides.get(name), after=one.after)
        for name, one in edit.overrides.items()
        if known.overrides.get(name) != one.after
    }


def _turn(
    known: QubitModel | CouplingModel, wanted: ChangedControl | None
) -> tuple[QubitModel | CouplingModel, ChangedControl | None]:
    """Return a target with the wanted direction, and the change of its direction, or None if it stays."""
    if wanted is None or not isinstance(known, CouplingModel) or known.control == wanted.after:
        return known, None
    lower = known.qid.split("-")[0]
    turned = redirect(known, wanted.after or lower)
    turned.control = wanted.after
    return turned, ChangedControl(before=known.control, after=wanted.after)


def _make_log_event(parts: Sequence[ValueChangeModel]) -> EventModel:
    head = parts[0]
    same_result = all(part.task_id == head.task_id for part in parts)
    return EventModel(
        project_id=head.project_id,
        kind=f"value.{head.kind}",
        chip_id=head.chip_id,
        execution_id=head.execution_id,
        task_id=head.task_id if same_result else "",
        data={
            "number": head.number,
            "username": head.username,
            "reason": head.reason,
            **({"scope": head.scope} if head.scope else {}),
            "targets": [part.qid for part in parts],
            "metrics": sorted({name for part in parts for name in part.parameters}),
        },
    )
