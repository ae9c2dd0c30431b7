"""Service for the values of chips: set, accept, reject, use, trust, revert and undo."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from qdash_builtin.record_lookup.stored_states import list_states
from qdash_builtin.values.change_queries import iter_newest
from qdash_builtin.values.decisions import (
    choose_names,
    find_accepted_values,
    find_replacements,
    list_using_results,
    make_decision,
    make_decision_basis,
    refuse_decided,
    refuse_other_direction,
    require_decidable,
    store_decisions,
)
from qdash_builtin.values.events import find_last_by_hand, find_undos, group_events, require_event
from qdash_builtin.values.long_t2 import describe_long_t2
from qdash_builtin.values.manual_values import check_values, make_manual_result, require_confirmation
from qdash_builtin.values.newest_values import NewestValues
from qdash_builtin.values.point_in_time import PointInTime
from qdash_builtin.values.reasons import check_reason, require_reason
from qdash_builtin.values.reassessment import reassess_event
from qdash_builtin.values.resources import parse_resource
from qdash_builtin.values.reversion import (
    Reversion,
    describe_reversion,
    plan_reversion,
    read_former_states,
    refuse_unadopted,
)
from qdash_builtin.values.selection import TargetChoice, require_target
from qdash_builtin.values.sets import describe_broken_sets, require_whole_sets
from qdash_builtin.values.undo import undo_event
from qdash_builtin.values.unit_conversion import UnitConversion, describe_conversion, plan_conversion
from qdash_core.errors import ConflictError, InvalidInputError, NotFoundError, StaleError
from qdash_core.judgement.judge import NoJudge
from qdash_core.models.base import refuse_stale
from qdash_core.models.chip import QubitModel, SettingChange, TrustOverride
from qdash_core.models.chip_judgement import FitnessChange, Judgement
from qdash_core.models.pages import Page
from qdash_core.models.project import ProjectRole
from qdash_core.models.targets import by_number, get_target_kind, parse_target_id, split_coupling
from qdash_core.models.times import format_day
from qdash_core.models.value_change import ChangedDecision, ChangedOverride, ChangedSetting, ValueEventKind
from qdash_core.parsing.similar_names import suggest
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import ChipRepository, CouplingCalibrationRepository, list_values_in_use
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.request_keys import RequestKey
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.repositories.value_changes import ValueChangeRepository
from qdash_core.values.target_status import StatusRules
from qdash_core.values.usable_results import UsableResults
from qdash_core.values.writer import EventOrigin, TargetEdit, ValueEvent, write_event

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_builtin.values.manual_values import ManualDefinition
    from qdash_builtin.values.resources import Resource
    from qdash_core.judgement.judge import Judge
    from qdash_core.models.access import Access
    from qdash_core.models.chip import ChipModel, CouplingModel, Line
    from qdash_core.models.estimates import Parameter
    from qdash_core.models.pages import PageRequest
    from qdash_core.models.task import TaskResultModel, TracedResult
    from qdash_core.repositories.store import Store


_LONGEST_SETTING = 100
"""Maximum number of characters of the name and of the values of a setting."""


@dataclass(frozen=True, slots=True)
class DecidedResult:
    """A result after a decision of a user.

    Parameters
    ----------
    event : ValueEvent
        Its parts contain the changed values; there may be none.
    used_by : sequence of TracedResult
        Results whose inputs include a rejected value, last started first.
    """

    result: TaskResultModel
    event: ValueEvent
    used_by: Sequence[TracedResult] = ()


class ValueService:
    """Values of the chips of one store. Every change is one event, which can be undone.

    Changes need an editor; previews by `revert` and `convert` (`dry_run`) need a viewer. A repeated request with the
    same idempotency `key` changes nothing and returns the same event or changed values.

    Parameters
    ----------
    zone : ZoneInfo
        Time zone of the daily copies, and of times that are given without a zone.
    definitions : callable
        Returns the declared parameters of qubits (`"qubit"`) or couplings (`"coupling"`) by name.
    refuse_while_measured : callable
        Raises LockedError if a run is measuring a chip, given as project and chip.
    find_connected_qubits : callable
        Returns the qubits of a chip, given as project and chip, that are connected to a resource, each with its lines.
    units : callable
        Returns the unit of each quantity.
    value_sets : callable
        Returns the parameters of each set of values, by its name.
    """

    def __init__(
        self,
        store: Store,
        zone: ZoneInfo,
        *,
        definitions: Callable[[str], Mapping[str, ManualDefinition]],
        refuse_while_measured: Callable[[Repositories, str, str], None],
        find_connected_qubits: Callable[[Repositories, str, str, Resource], Mapping[str, frozenset[Line]]],
        units: Callable[[], Mapping[str, str]] = dict,
        design_units: Mapping[str, str] = MappingProxyType({}),
        value_sets: Callable[[], Mapping[str, Sequence[str]]] = dict,
        judge: Judge | None = None,
        status_rules: Callable[[], StatusRules] = StatusRules,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._zone = zone
        self._definitions = definitions
        self._units, self._design_units = units, design_units
        self._value_sets = value_sets
        self._judge = judge or NoJudge()
        self._status_rules = status_rules
        self._refuse_while_measured = refuse_while_measured
        self._find_connected_qubits = find_connected_qubits
        self._clock = clock

    def set(
        self,
        access: Access,
        chip_id: str,
        target: str,
        values: Mapping[str, Parameter],
        *,
        reason: str,
        confirmed: bool = False,
        as_of: datetime | None = None,
        key: str | None = None,
    ) -> ValueEvent:
        """Set values of a qubit or coupling by hand. They are recorded as a result of their author, which is accepted at once.

        A value far from the one in use is set only if it is confirmed; the reason of the event then names it.

        Parameters
        ----------
        values : mapping of str to Parameter
            Values with their errors, if known, by parameter. A unit is checked if it is given.
        as_of : datetime or None
            `changed_at` of the target when it was read, or None to skip the check.

        Raises
        ------
        NotFoundError
            If there is no such chip or target.
        InvalidInputError
            If a parameter is unknown, its value is out of range, its error is not positive, or there is no reason. Nothing is
            written.
        UnconfirmedError
            If a value is far from the one in use, and not confirmed. The message names both.
        StaleError
            If the target was changed since `as_of`.
        """
        access.require(ProjectRole.EDITOR)
        qid = parse_target_id(target)
        reason = require_reason(reason)
        kind = get_target_kind(qid)
        definitions = self._definitions(kind)
        models = check_values(values, definitions, kind)
        plain = {name: [one.value, one.error] for name, one in models.items()}
        request = RequestKey(access, key, {"set": [chip_id, qid], "values": plain, "reason": reason})

        def write(repositories: Repositories, now: datetime) -> ValueEvent | None:
            header = repositories.of(ChipRepository).require(access.project_id, chip_id)
            known = require_target(repositories, header, qid)
            refuse_stale(f"{kind} {qid} of chip {chip_id}", known.changed_at, as_of)
            why = require_confirmation(
                models, known, definitions, reason, design_units=self._design_units, confirmed=confirmed
            )
            result = make_manual_result(access, header, known, models, why, now=now)
            repositories.of(TaskResultHistoryRepository).add(result)
            origin = EventOrigin(ValueEventKind.SET, access.username, why, task_id=result.task_id)
            edits = [TargetEdit(qid, result.output_parameters)]
            event = self._write(repositories, header, origin, edits, now=now)
            after = {**known.data, **result.output_parameters}
            contradiction = describe_long_t2(after) if {"t1", "t2_echo"} & {*models} else None
            broken = describe_broken_sets(known.data, after, self._value_sets())
            warnings = (*([contradiction] if contradiction else []), *broken)
            return replace(event, warnings=warnings) if event else event

        return self._change(request, write)

    def accept(
        self,
        access: Access,
        task_id: str,
        *,
        names: Collection[str] | None = None,
        reason: str = "",
        undecided: bool = False,
        basis: str | None = None,
        key: str | None = None,
    ) -> DecidedResult:
        """Accept parameters of a result. Each gets its value from the newest accepted result.

        A value that was measured later than the result stays.

        Parameters
        ----------
        names : collection of str or None
            None for all of the result.
        undecided : bool
            Whether to refuse the request if a user has decided on one of the parameters meanwhile.
        basis : str or None
            The basis by `make_decision_basis` that the caller has seen, or None to decide whatever the verdicts are.

        Raises
        ------
        NotFoundError
            If there is no such result, or its chip or target was deleted.
        InvalidInputError
            If the result does not have a parameter, or was simulated and not adopted.
        ConflictError
            If the result is not completed or has no values, belongs to a former chip or to the other direction, or is already accepted.
        StaleError
            If the verdicts are no longer those of the basis.
        """
        return self._decide(access, task_id, names, reason, "accepted", key, undecided=undecided, basis=basis)

    def reject(
        self,
        access: Access,
        task_id: str,
        *,
        names: Collection[str] | None = None,
        reason: str,
        undecided: bool = False,
        basis: str | None = None,
        key: str | None = None,
    ) -> DecidedResult:
        """Reject parameters of a result. If its value is in use, that of the newest accepted result replaces it, if there is one.

        Raises
        ------
        InvalidInputError
            If there is no reason, or the result does not have a parameter.
        NotFoundError, ConflictError, StaleError
            As `accept`.
        """
        access.require(ProjectRole.EDITOR)
        return self._decide(
            access,
            task_id,
            names,
            require_reason(reason),
            "rejected",
            key,
            undecided=undecided,
            basis=basis,
        )

    def use(
        self,
        access: Access,
        task_id: str,
        *,
        names: Collection[str] | None = None,
        reason: str = "",
        key: str | None = None,
    ) -> DecidedResult:
        """Make the values of a result the chip's, whatever its age, until a newer result is accepted. This also accepts the result.

        Raises as `accept`.
        """
        access.require(ProjectRole.EDITOR)
        reason = check_reason(reason)

        def write(repositories: Repositories, now: datetime) -> ValueEvent | None:
            result, header, target = require_decidable(repositories, access, task_id)
            chosen = self.choose_names(access, result, names, verb="use")
            refuse_other_direction(result, target, chosen)
            usable = NewestValues(repositories, header)
            decision = make_decision("accepted", access, reason, now)
            decisions = {
                name: ChangedDecision(before=result.decisions.get(name), after=decision)
                for name in chosen
                if not usable.accepts(result, name)
            }
            values = {name: result.output_parameters[name] for name in chosen}
            if not decisions and all(target.data.get(name) == value for name, value in values.items()):
                raise ConflictError(f"the values of result {task_id} are already in use")
            store_decisions(repositories, result, decisions, now=now)
            origin = _make_origin(ValueEventKind.USED, access, reason, result)
            edits = [TargetEdit(result.qid, values, decisions=decisions)]
            return self._write(repositories, header, origin, edits, now=now)

        return self._describe(
            access, self._change(_make_key(access, key, "use", task_id, names, reason), write)
        )

    def trust(
        self,
        access: Access,
        chip_id: str,
        target: str,
        names: Collection[str],
        *,
        until: datetime,
        reason: str,
        key: str | None = None,
    ) -> ValueEvent:
        """Trust doubtful values of a qubit or coupling until a time, which has a time zone.

        A newer measurement of a value, whatever its outcome, or the next cool-down ends this earlier.

        Raises
        ------
        NotFoundError
            If there is no such chip, target or parameter.
        InvalidInputError
            If the time has passed, no parameter is named, one has no value in use or one that was measured after the present time, or there is no reason.
        """
        access.require(ProjectRole.EDITOR)
        qid = parse_target_id(target)
        reason = require_reason(reason)
        chosen = [*dict.fromkeys(names)]
        if not chosen:
            raise InvalidInputError("name at least one parameter")
        asked = {"trust": [chip_id, qid], "parameters": chosen, "until": until.isoformat(), "reason": reason}

        def write(repositories: Repositories, now: datetime) -> ValueEvent | None:
            if until <= now:
                raise InvalidInputError(f"{until:%Y-%m-%d %H:%M} UTC has passed: name a later time")
            header = repositories.of(ChipRepository).require(access.project_id, chip_id)
            known = require_target(repositories, header, qid)
            self._refuse_unknown_names(chosen, known.data)
            if missing := [name for name in chosen if name not in known.data]:
                raise InvalidInputError(f"{', '.join(missing)} of {qid} has no value in use to trust")
            for name in chosen:
                measured_at = known.data[name].calibrated_at
                if measured_at is not None and measured_at > now:
                    raise InvalidInputError(
                        f"{name} of {qid} was measured at {measured_at:%Y-%m-%d %H:%M} UTC, after the time of the home, {now:%Y-%m-%d %H:%M}: "
                        "set its clock right, or measure the value again"
                    )
            overrides = {
                name: ChangedOverride(
                    after=TrustOverride(
                        username=access.username,
                        reason=reason,
                        since=now,
                        until=until,
                        task_id=known.data[name].task_id,
                    )
                )
                for name in chosen
            }
            origin = EventOrigin(ValueEventKind.TRUSTED, access.username, reason)
            return self._write(repositories, header, origin, [TargetEdit(qid, overrides=overrides)], now=now)

        return self._change(RequestKey(access, key, asked), write)

    def record_setting(
        self,
        access: Access,
        chip_id: str,
        resource: str,
        name: str,
        *,
        before: str,
        after: str,
        at: datetime | None = None,
        reason: str = "",
        key: str | None = None,
    ) -> ValueEvent:
        """Record that a setting of a line or box changed: values that depend on it and were measured before are doubtful.

        Parameters
        ----------
        resource : str
            The line or box: `mux:13`, `line:U10B-5`, `module:U10B` or `chip`.
        name : str
            The setting, such as `pump power` or `firmware`.
        at : datetime or None
            Time of the change, or None for now.

        Raises
        ------
        NotFoundError
            If there is no such chip, or it has no such multiplexer, line or module.
        InvalidInputError
            If a text is empty, too long or has invisible characters, the resource is invalid, both values are equal, or the time is in the future.
        """
        access.require(ProjectRole.EDITOR)
        parsed = parse_resource(resource)
        name, before, after = (
            _check_text(what, one) for what, one in (("name", name), ("before", before), ("after", after))
        )
        reason = check_reason(reason)
        if before == after:
            raise InvalidInputError(f"{name} is {after} before and after: nothing changed")
        asked = {
            "setting": [chip_id, str(parsed), name, before, after],
            "at": at and at.isoformat(),
            "reason": reason,
        }

        def write(repositories: Repositories, now: datetime) -> ValueEvent | None:
            if at is not None and at > now:
                raise InvalidInputError(
                    f"{at:%Y-%m-%d %H:%M} UTC is in the future: record a change after it was made"
                )
            header = repositories.of(ChipRepository).require(access.project_id, chip_id)
            connected = self._find_connected_qubits(repositories, access.project_id, chip_id, parsed)
            edits = [
                TargetEdit(
                    qid,
                    setting=ChangedSetting(
                        after=SettingChange(
                            resource=str(parsed),
                            name=name,
                            before=before,
                            after=after,
                            at=at or now,
                            recorded_at=now,
                            username=access.username,
                            lines=sorted(lines),
                        )
                    ),
                )
                for qid, lines in connected.items()
            ]
            origin = EventOrigin(ValueEventKind.RECONFIGURED, access.username, reason)
            return self._write(repositories, header, origin, edits, now=now)

        return self._change(RequestKey(access, key, asked), write)

    def undo(
        self,
        access: Access,
        number: int | None = None,
        *,
        reason: str = "",
        dry_run: bool = False,
        key: str | None = None,
    ) -> ValueEvent:
        """Undo an event: restore the values, decisions and directions before it.

        If values set by hand or imported are undone, their results are rejected, so that no later rejection restores
        them. A dry run returns the event without writing anything.

        Parameters
        ----------
        number : int or None
            None for the last event of the caller that is not undone.

        Raises
        ------
        NotFoundError
            If there is no such event, or its chip was deleted.
        ConflictError
            If one of its values has changed since; the message names the later events.
        LockedError
            If it changed directions and a run is measuring the chip.
        """
        access.require(ProjectRole.EDITOR)
        reason = check_reason(reason)

        def write(repositories: Repositories, now: datetime) -> ValueEvent | None:
            event = self._find_event(repositories, access, number)
            head = event.head
            header = repositories.of(ChipRepository).require(access.project_id, head.chip_id)
            if head.created_at < header.created_at:
                raise ConflictError(f"event {head.number} belongs to a former chip {head.chip_id}")
            if any(part.control is not None for part in event.parts):
                self._refuse_while_measured(repositories, access.project_id, head.chip_id)
            edits = undo_event(repositories, header, event, access, reason, now=now)
            origin = EventOrigin(
                ValueEventKind.UNDONE,
                access.username,
                reason,
                head.execution_id,
                source=head.source,
                scope=head.scope,
                undoes=head.number,
            )
            return self._write(repositories, header, origin, edits, now=now)

        def preview(repositories: Repositories, now: datetime) -> ValueEvent | None:
            if (event := write(repositories, now)) is not None:
                raise _DryRunError(event)
            return None

        asked = {"undo": number, "reason": reason}
        try:
            return self._change(RequestKey(access, key, asked), preview if dry_run else write)
        except _DryRunError as end:
            return end.event

    def revert(
        self,
        access: Access,
        chip_id: str,
        to: str,
        *,
        targets: TargetChoice | None = None,
        names: Collection[str] | None = None,
        reason: str = "",
        dry_run: bool = False,
        key: str | None = None,
    ) -> Reversion:
        """Restore the values of an earlier time, of the end of an execution, or of a release.

        Values of parameters that had none at that time are kept, and listed, as are values whose former one was withdrawn since. A
        direction is restored if restored values need it.

        Parameters
        ----------
        to : str
            A time (`2026-11-20 18:00`, `12h`), an execution id, or `release:NAME`.
        dry_run : bool
            Whether to return the changes without writing them.

        Raises
        ------
        NotFoundError
            If there is no such chip, target, parameter, execution or release.
        InvalidInputError
            If the point in time is invalid, or before the creation of the chip.
        ConflictError
            If a former value is that of a simulated execution that is not adopted, or parameters are named and a direction would change.
        LockedError
            If directions would change and a run is measuring the chip.
        """
        access.require(ProjectRole.VIEWER if dry_run else ProjectRole.EDITOR)
        reason = check_reason(reason)
        chosen_names = None if names is None else sorted(names)
        asked = {
            "revert": chip_id,
            "to": to,
            "targets": str(targets),
            "parameters": chosen_names,
            "reason": reason,
        }
        request = RequestKey(access, None if dry_run else key, asked)
        opened = self._store.read() if dry_run else self._store.transaction()
        with opened as scope:
            now, repositories = self._clock(), Repositories(scope)
            point = PointInTime.parse(to, self._zone, now=now)
            found = request.find(repositories)
            if found is not None:
                if not found.record_id:
                    return Reversion(point.text, ())
                return describe_reversion(
                    require_event(repositories, access.project_id, int(found.record_id))
                )
            header = repositories.of(ChipRepository).require(access.project_id, chip_id)
            chosen = (targets or TargetChoice()).read(repositories, header)
            former, withdrawals = read_former_states(repositories, header, point, chosen)
            if names is not None:
                present = {name for target in chosen for name in target.data}
                present = present.union(*(state.values for state in former.values()))
                self._refuse_unknown_names(names, present)
                command = f"qdash values revert {chip_id} --to {to}"
                require_whole_sets(names, present, self._value_sets(), command)
            planned, edits = plan_reversion(point.text, chosen, former, names, withdrawals)
            refuse_unadopted(UsableResults(repositories, header), edits)
            if planned.directions and not dry_run:
                self._refuse_while_measured(repositories, access.project_id, chip_id)
            if dry_run:
                return planned
            if not edits:
                request.record(repositories)
                return planned
            origin = EventOrigin(
                ValueEventKind.REVERTED,
                access.username,
                reason,
                execution_id=point.execution_id,
                source=point.text,
            )
            event = self._write(repositories, header, origin, edits, now=now, targets=chosen)
            if event is not None:
                request.record(repositories, "value event", event.number)
        return replace(planned, event=event)

    def convert(
        self,
        access: Access,
        chip_id: str,
        *,
        reason: str = "",
        dry_run: bool = False,
        key: str | None = None,
    ) -> UnitConversion:
        """Convert values that are stored in another unit than tasks declare, such as those of a plugin that was installed later.

        Their origins and times stay. Values whose unit is of another dimension stay, and are listed.

        Raises
        ------
        NotFoundError
            If there is no such chip.
        """
        access.require(ProjectRole.VIEWER if dry_run else ProjectRole.EDITOR)
        reason = check_reason(reason)
        request = RequestKey(access, None if dry_run else key, {"convert": chip_id, "reason": reason})
        opened = self._store.read() if dry_run else self._store.transaction()
        with opened as scope:
            now, repositories = self._clock(), Repositories(scope)
            if (found := request.find(repositories)) is not None:
                if not found.record_id:
                    return UnitConversion(())
                return describe_conversion(
                    require_event(repositories, access.project_id, int(found.record_id))
                )
            header = repositories.of(ChipRepository).require(access.project_id, chip_id)
            targets = TargetChoice().read(repositories, header)
            planned = plan_conversion(targets, self._units())
            if dry_run:
                return planned
            if not planned.values:
                request.record(repositories)
                return planned
            origin = EventOrigin(ValueEventKind.CONVERTED, access.username, reason)
            event = self._write(repositories, header, origin, planned.list_edits(), now=now, targets=targets)
            if event is None:
                request.record(repositories)
            else:
                request.record(repositories, "value event", event.number)
        return replace(planned, event=event)

    def show_event(self, access: Access, number: int) -> ValueEvent:
        """Return an event; raise NotFoundError if there is none with this number."""
        with self._store.read() as snapshot:
            return require_event(Repositories(snapshot), access.project_id, number)

    def list_events(
        self,
        access: Access,
        chip_id: str,
        request: PageRequest,
        *,
        targets: TargetChoice | None = None,
        name: str | None = None,
        since: datetime | None = None,
        username: str | None = None,
        by_hand: bool = False,
    ) -> Page[ValueEvent]:
        """Return a page of the value events of a chip, newest first.

        An event has only those of its parts that match. `by_hand` leaves out the events of runs.

        Parameters
        ----------
        since : datetime or None
            Only events from this time on.

        Raises
        ------
        NotFoundError
            If there is no such chip, target or parameter.
        """
        place = request.place(1)
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            header = repositories.of(ChipRepository).require(access.project_id, chip_id)
            chosen = {one.qid for one in targets.read(repositories, header)} if targets else None
            changes = (
                change
                for change in iter_newest(
                    repositories.of(ValueChangeRepository),
                    access.project_id,
                    chip_id,
                    targets=None if chosen is None else sorted(chosen, key=by_number),
                    before=None if place is None else place[0],
                    since=max(header.created_at, since or header.created_at),
                )
                if (name is None or name in change.parameters)
                and (username is None or change.username == username)
                and (not by_hand or change.kind.by_hand)
            )
            found = list(islice(group_events(changes), request.limit + 1))
            undos = find_undos(repositories, access.project_id, [event.number for event in found])
            found = [replace(event, undone_by=undos.get(event.number)) for event in found]
        if name is not None and not found and place is None:
            self._refuse_unknown_names([name])
        return Page.from_items(found, request, lambda event: (event.number,))

    def _refuse_unknown_names(self, names: Collection[str], known: Collection[str] = ()) -> None:
        """Raise NotFoundError if a name is neither among known ones nor a declared parameter."""
        for name in names:
            if name in known:
                continue
            declared = {*known, *self._definitions("qubit"), *self._definitions("coupling")}
            if name not in declared:
                hint = suggest(
                    name, declared, otherwise="; `qdash task list` lists the tasks and their outputs"
                )
                raise NotFoundError(f"there is no parameter {name!r}{hint}")

    def choose_names(
        self, access: Access, result: TaskResultModel, names: Collection[str] | None, *, verb: str
    ) -> list[str]:
        """Return the parameters of a result that a decision is about; see `values.decisions.choose_names`."""
        access.require(ProjectRole.EDITOR)
        return choose_names(result, names, sets=self._value_sets(), verb=verb)

    def _decide(
        self,
        access: Access,
        task_id: str,
        names: Collection[str] | None,
        reason: str,
        verdict: Literal["accepted", "rejected"],
        key: str | None,
        *,
        undecided: bool,
        basis: str | None,
    ) -> DecidedResult:
        access.require(ProjectRole.EDITOR)
        reason = check_reason(reason)

        def write(repositories: Repositories, now: datetime) -> ValueEvent | None:
            result, header, target = require_decidable(repositories, access, task_id)
            usable = NewestValues(repositories, header)
            verb = verdict.removesuffix("ed")
            chosen = self.choose_names(access, result, names, verb=verb)
            if undecided:
                refuse_decided(result, chosen)
            if basis is not None and basis != make_decision_basis(result, chosen):
                raise StaleError(f"the verdicts on result {task_id} have changed: read it again, and decide")
            if verdict == "accepted":
                refuse_other_direction(result, target, chosen)
                chosen = [name for name in chosen if not usable.accepts(result, name)]
            else:
                known = result.decisions
                chosen = [one for one in chosen if one not in known or known[one].verdict != verdict]
            if not chosen:
                raise ConflictError(f"result {task_id} is already {verdict}")
            decision = make_decision(verdict, access, reason, now)
            decisions = {
                name: ChangedDecision(before=result.decisions.get(name), after=decision) for name in chosen
            }
            store_decisions(repositories, result, decisions, now=now)
            find_values = find_accepted_values if verdict == "accepted" else find_replacements
            values = find_values(usable, result, target, chosen)
            origin = _make_origin(ValueEventKind(verdict), access, reason, result)
            edits = [TargetEdit(result.qid, values, decisions=decisions)]
            return self._write(repositories, header, origin, edits, now=now)

        return self._describe(
            access, self._change(_make_key(access, key, verdict, task_id, names, reason), write)
        )

    def _describe(self, access: Access, event: ValueEvent) -> DecidedResult:
        """Return the decided result; if it was rejected, with the results that had used its values."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            result = repositories.of(TaskResultHistoryRepository).find(access.project_id, event.head.task_id)
            assert result is not None
            rejected = event.head.kind is ValueEventKind.REJECTED
            return DecidedResult(result, event, list_using_results(repositories, result) if rejected else ())

    def _change(
        self, key: RequestKey, write: Callable[[Repositories, datetime], ValueEvent | None]
    ) -> ValueEvent:
        """Perform a request in one transaction, or return the event of an earlier request with its key."""
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            found = key.find(repositories)
            if found is not None and found.record_id:
                return require_event(repositories, key.access.project_id, int(found.record_id))
            event = write(repositories, self._clock())
            if event is None:
                raise ConflictError("nothing would change")
            key.record(repositories, "value event", event.number)
        return event

    def _find_event(self, repositories: Repositories, access: Access, number: int | None) -> ValueEvent:
        if number is None:
            number = find_last_by_hand(repositories, access.project_id, access.username)
            if number is None:
                raise NotFoundError(
                    f"{access.username} has no change of values by hand left to undo in project {access.project_id}: name one of the events that "
                    "`qdash values log CHIP` lists"
                )
        return require_event(repositories, access.project_id, number)

    def _write(
        self,
        repositories: Repositories,
        header: ChipModel,
        origin: EventOrigin,
        edits: Sequence[TargetEdit],
        *,
        now: datetime,
        targets: Sequence[QubitModel | CouplingModel] = (),
    ) -> ValueEvent | None:
        today = format_day(now, self._zone)
        where, edited = (header.project_id, header.chip_id), {one.qid for one in edits}
        concerned = None
        if len(edited) <= header.size // 2:  # else the whole chip is read: its usual values need it anyway
            couplings = list_states(repositories.of(CouplingCalibrationRepository), *where)
            concerned = [*edited, *(one["qid"] for one in couplings if one["qid"] not in edited)]
            concerned = [qid for qid in concerned if _concerns(edited, qid)]
        qubits = [one for one in targets if isinstance(one, QubitModel)]
        if concerned is None and len(qubits) == header.size:
            couplings_in_use = repositories.of(CouplingCalibrationRepository).list_values(*where)
            stored = [*(one.get_stored_values() for one in qubits), *couplings_in_use]
        else:
            stored = list_values_in_use(repositories, *where, concerned)
        before = self._judge.read_of(repositories, *where, stored, concerned, header=header)
        event = write_event(
            repositories,
            header.project_id,
            header.chip_id,
            origin,
            edits,
            today=today,
            cooldown_id=header.current_cooldown_id,
            now=now,
            targets=targets,
        )
        if event is None:
            return None
        if reassess_event(repositories, header, event, self._status_rules, today=today, now=now):
            stored = list_values_in_use(repositories, *where, concerned)
        else:
            changed = event.targets
            stored = [
                changed[qid].get_stored_values() if (qid := one["qid"]) in changed else one for one in stored
            ]
        after = self._judge.read_of(repositories, *where, stored, concerned, header=header)
        fitness = _compare_fitness(before, after)
        return replace(event, fitness={qid: one for qid, one in fitness.items() if _concerns(edited, qid)})


class _DryRunError(Exception):
    """End of a dry run, which rolls its transaction back."""

    def __init__(self, event: ValueEvent) -> None:
        super().__init__()
        self.event = event


def _check_text(what: str, text: str) -> str:
    """Return a name or value of a setting without spaces around it; raise InvalidInputError if it is empty, too long or has invisible characters."""
    shown = text.strip()
    if not 0 < len(shown) <= _LONGEST_SETTING or not shown.isprintable():
        raise InvalidInputError(f"{what}: write 1 to {_LONGEST_SETTING} visible characters on one line")
    return shown


def _make_key(
    access: Access, key: str | None, action: str, task_id: str, names: Collection[str] | None, reason: str
) -> RequestKey:
    chosen = None if names is None else sorted(names)
    return RequestKey(access, key, {action: task_id, "parameters": chosen, "reason": reason})


def _make_origin(kind: ValueEventKind, access: Access, reason: str, result: TaskResultModel) -> EventOrigin:
    return EventOrigin(kind, access.username, reason, result.execution_id, result.task_id)


def _concerns(edited: set[str], qid: str) -> bool:
    """Return whether a target is edited, or a coupling of an edited qubit."""
    return qid in edited or ("-" in qid and not edited.isdisjoint(split_coupling(qid)))


def _compare_fitness(before: Judgement, after: Judgement) -> dict[str, FitnessChange]:
    """Return the changes of fitness of targets between two judgements of them."""
    return {
        qid: FitnessChange(before.targets[qid].fitness, one.fitness, one.reasons)
        for qid, one in after.targets.items()
        if qid in before.targets and before.targets[qid].fitness is not one.fitness
    }
