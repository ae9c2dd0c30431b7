"""Service for digests of chips."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

from qdash_core.chips.chip import read_chip
from qdash_core.clock import utc_now
from qdash_core.comparisons.chip_state import make_past_state, make_present_state
from qdash_core.comparisons.comparison import compare_points
from qdash_core.comparisons.past_chip import read_past_chip
from qdash_core.comparisons.shared_resources import list_resources
from qdash_core.digests.advice import find_troubled_targets, list_advice
from qdash_core.digests.changes import (
    count_fitness,
    list_changed_statuses,
    list_moved,
    list_progress,
    list_specification_changes,
    list_stale,
    list_still_failed,
    list_unfit,
    select_essential,
    select_statuses,
)
from qdash_core.digests.digest import Digest, FlaggedTask, ManualChange
from qdash_core.digests.failures import group_failures, select_newest
from qdash_core.digests.laboratory_time import measure_targets, sum_laboratory_time
from qdash_core.digests.past_chip import list_waiting_then, restore_run
from qdash_core.digests.period import find_period, format_moment
from qdash_core.digests.run_choice import RunChoice
from qdash_core.metrics.judgement.reader import judge_past_chip
from qdash_core.models.chip import TargetStatus
from qdash_core.models.project import make_command_options
from qdash_core.models.quantities import format_quantity
from qdash_core.models.simulated_time import select_simulated_time
from qdash_core.models.targets import by_number
from qdash_core.models.value_change import ValueEventKind
from qdash_core.record.execution_lists import ExecutionFilter, add_counts, iter_candidates
from qdash_core.repositories.repositories import Repositories
from qdash_core.values.events import find_undos, group_events
from qdash_core.values.flagged_results import list_undecided, list_waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_core.chips.chip import Chip
    from qdash_core.comparisons.chip_state import ChipState
    from qdash_core.comparisons.past_chip import PastChip
    from qdash_core.digests.laboratory_time import TargetSeconds
    from qdash_core.digests.period import Period
    from qdash_core.metrics.judgement.reader import JudgementReader
    from qdash_core.metrics.service import MetricsService
    from qdash_core.models.access import Access
    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.chip_judgement import Judgement
    from qdash_core.models.execution import ExecutionHead
    from qdash_core.models.targets import TargetKind
    from qdash_core.record.execution_lists import ListedExecution
    from qdash_core.repositories.store import Store
    from qdash_core.values.flagged_results import FlaggedResult
    from qdash_core.values.writer import ValueEvent

_LONGEST_RUN = timedelta(days=2)
"""Longest time by which a run may have started before the digest to be listed in it."""
_LONGEST_TASK = timedelta(hours=2)
"""Longest time by which a measurement may have started before the digest to count in it."""
_SHORTLY_BEFORE = timedelta(hours=24)
"""Time before the digest in which a change by a user counts if its targets got into trouble since."""
_RECENT = 20
_VERBS = {ValueEventKind.UNDONE: "undid"}
"""Past tense of the kinds of value events whose names are no past tense."""


class DigestService:
    """Digests of the chips of one store.

    Parameters
    ----------
    store : Store
        The store.
    zone : ZoneInfo
        Time zone of times that name none.
    metrics : MetricsService
        Definitions of metrics.
    judgements : JudgementReader
        Reader of the judgement of chips.
    clock : callable
        Returns the current time in UTC.
    """

    def __init__(
        self,
        store: Store,
        zone: ZoneInfo,
        *,
        metrics: MetricsService,
        judgements: JudgementReader,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._zone = zone
        self._metrics = metrics
        self._judgements = judgements
        self._clock = clock

    def make(
        self, access: Access, chip_id: str, since: str | None = None, until: str | None = None
    ) -> Digest:
        """Return the digest of a chip from a point in time to another, as it was known then.

        Decisions and measurements after its end do not count. A digest of the past lists what was advised then, without commands: these
        would act on the present chip.

        Parameters
        ----------
        access : Access
            The caller and the project.
        chip_id : str
            The chip.
        since : str or None
            A time, a time of day (the last one), a duration before now, an execution id (its end), or `release:NAME`; `last-night` or
            `night-before-last` for a night from 18:00 to 12:00; None for 18:00 the day before. The start is not before the creation of the chip.
        until : str or None
            The end, as `since`, but no night; None for now, or for the end of the night.

        Raises
        ------
        NotFoundError
            If there is no such chip, execution or release.
        InvalidInputError
            If a point in time is invalid or in the future, the end is not after the start, or the execution ran on another chip.
        ConflictError
            If the execution has not ended.
        """
        now = self._clock()
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            chip = read_chip(repositories, access.project_id, chip_id)
            period = find_period(repositories, chip, self._zone, since=since, until=until, now=now)
            digest, seconds = self._make(repositories, chip, period)
            runs = _read_run_choice(repositories, chip, seconds, period.end if period.is_past else None)
        further = make_command_options(access.project_id, access.username)
        advice = list_advice(digest, runs=runs, further=further)
        if not period.is_past:
            return replace(digest, advice=advice)
        advised = [replace(one, command="", conditions=(), flow="", event=None) for one in advice]
        return replace(digest, advised_then=advised)

    def _make(self, repositories: Repositories, chip: Chip, period: Period) -> tuple[Digest, TargetSeconds]:
        """Return a digest without advice, and the laboratory time of one target in its runs."""
        from qdash_core.metrics.value_history import read_usual_scatter  # needs numpy

        header, start, end = chip.header, period.start, period.end
        where = header.project_id, header.chip_id
        before = make_past_state(read_past_chip(repositories, chip, start), period.label)
        past = read_past_chip(repositories, chip, end) if period.is_past else None
        file = self._metrics.file.specify((chip if past is None else past.chip).header.specification)
        if past is None:
            after = make_present_state(chip, "now", end)
            scatter = read_usual_scatter(repositories, *where, until=end)
            judgement = self._judgements.read(repositories, *where)
        else:
            chip, after = past.chip, make_past_state(past, format_moment(end, self._zone))
            scatter = read_usual_scatter(repositories, *where, until=end, decisions=past.decisions)
            judgement = judge_past_chip(
                repositories,
                chip,
                file,
                declared=self._judgements.read_declared(),
                at=end,
                scatter=scatter,
            )
        resources = list_resources(chip)
        compared = compare_points(before, after, file, resources, scatter)
        results = [
            one
            for one in repositories.results.list_finished(*where, since=start - _LONGEST_TASK)
            if start < max(filter(None, (one.start_at, one.end_at)), default=start) <= end
        ]
        waiting = (
            list_waiting(repositories, header)
            if past is None
            else list_waiting_then(repositories, past, results)
        )
        changed = list_changed_statuses(before, after, chip)
        laboratory, laboratory_s = sum_laboratory_time(results)
        active = {qid for qid, one in after.targets.items() if one.status is None or not one.status.set_aside}
        stale = list_stale(judgement)
        digest = Digest(
            chip_id=header.chip_id,
            label=period.label,
            since=start,
            until=end,
            runs=_list_runs(repositories, chip, start, end, past),
            metrics=list_progress(before, after, file, _collect_flagged(waiting, start)),
            moved=list_moved(compared, file),
            unstable=compared.unstable,
            newly_failed=select_statuses(changed, TargetStatus.FAILED),
            newly_calibrated=select_statuses(changed, TargetStatus.CALIBRATED),
            still_failed=list_still_failed(before, after, chip),
            set_aside=select_statuses(changed, TargetStatus.EXCLUDED, TargetStatus.DEAD),
            left_specification=list_specification_changes(before, after, file, scatter, left=True),
            met_specification=list_specification_changes(before, after, file, scatter, left=False),
            failures=group_failures(
                [one for one in select_newest(results) if one.qid in active or not one.qid],
                resources,
                failed_since=_find_former_failures(chip, before, after),
            ),
            manual=(),
            statuses=_count_statuses(after, judgement),
            fitness=count_fitness(judgement),
            unfit=list_unfit(judgement, after, resources),
            flagged=_list_flagged(waiting, start),
            too_old=sum(one.is_old for one in stale),
            moved_inputs=sum(one.is_moved for one in stale),
            stale=select_essential(stale, file),
            laboratory=laboratory,
            laboratory_s=laboratory_s,
            simulated_time=select_simulated_time(end),
        )
        manual = _list_manual_changes(repositories, chip, digest)
        return replace(digest, manual=manual), measure_targets(results)


def _count_statuses(state: ChipState, judgement: Judgement) -> dict[TargetKind, Counter[TargetStatus]]:
    """Return the number of qubits and of couplings by status; those of unknown status are not counted."""
    found: dict[TargetKind, Counter[TargetStatus]] = {"qubit": Counter(), "coupling": Counter()}
    for qid, one in state.targets.items():
        if one.status is not None:
            found["coupling" if "-" in qid else "qubit"][judgement.targets[qid].status] += 1
    return found


def _list_runs(
    repositories: Repositories, chip: Chip, start: datetime, end: datetime, past: PastChip | None
) -> Sequence[ListedExecution]:
    """Return the runs that started, ended or were requested in a period, and those that had not ended, oldest first."""
    wanted, project_id = ExecutionFilter(chip_id=chip.header.chip_id), chip.header.project_id
    listed = iter_candidates(repositories, project_id, wanted, limit=_RECENT, after=None)
    recent = takewhile(lambda one: _get_newest_time(one.execution) > start - _LONGEST_RUN, listed)
    found = [
        one
        for one in recent
        if one.execution.end_at is None or max(one.execution.end_at, _get_newest_time(one.execution)) > start
    ]
    counted = add_counts(repositories, project_id, found[::-1])
    known = counted if past is None else [restore_run(repositories, one, past) for one in counted]
    return [one for one in known if _get_newest_time(one.execution) <= end]


def _get_newest_time(execution: ExecutionHead) -> datetime:
    """Return the time of the start of an execution, or of its request if it has not started."""
    return execution.start_at or execution.created_at


def _read_run_choice(
    repositories: Repositories, chip: Chip, seconds: TargetSeconds, until: datetime | None
) -> RunChoice:
    """Return the flows and tasks of the runs on a chip that started last, up to a time if it is given, with the laboratory time of one target."""
    recent = [
        (one.execution_id, one.request)
        for one in repositories.executions.list_newest(
            chip.header.project_id, chip_id=chip.header.chip_id, limit=_RECENT, until=until
        )
        if one.request is not None
    ]
    flows = {execution_id: request.flow for execution_id, request in recent}
    by_flow = {flows[one]: known for one, known in sorted(seconds.by_execution.items()) if one in flows}
    newest = next((request.flow for _, request in recent if request.single is None), "")
    return RunChoice(newest, flows, {**by_flow, **seconds.by_task})


def _find_former_failures(chip: Chip, before: ChipState, after: ChipState) -> dict[str, datetime]:
    """Return the times since which targets have been failed, for those that were failed in both states."""
    return {
        qid: one.status_at
        for qid, one in (*chip.qubits.items(), *chip.couplings.items())
        if one.status_at is not None
        and before.targets[qid].status is after.targets[qid].status is TargetStatus.FAILED
    }


def _collect_flagged(
    waiting: Sequence[FlaggedResult], start: datetime
) -> dict[tuple[str, str], ParameterModel]:
    """Return the undecided values of flagged results since a time, by target and parameter."""
    return {
        (one.values.qid, name): one.values.output_parameters[name]
        for one in waiting
        if one.values.start_at is not None and one.values.start_at > start
        for name in list_undecided(one.values)
    }


def _list_flagged(waiting: Sequence[FlaggedResult], start: datetime) -> list[FlaggedTask]:
    found = [
        FlaggedTask(
            one.values.qid,
            one.task,
            one.values.task_id,
            one.values.reasons,
            is_new=one.values.start_at is not None and one.values.start_at > start,
        )
        for one in waiting
    ]
    return sorted(found, key=lambda one: ("-" in one.target, by_number(one.target), one.task))


def _list_manual_changes(repositories: Repositories, chip: Chip, digest: Digest) -> list[ManualChange]:
    """Return the changes of values by users in the period of a digest, and shortly before it if a target got into trouble since, oldest first."""
    changes = repositories.value_changes.list_by_hand_since(
        chip.header.project_id, chip.header.chip_id, digest.since - _SHORTLY_BEFORE
    )
    events = [one for one in group_events(changes) if one.head.created_at <= digest.until]
    undone = find_undos(
        repositories, chip.header.project_id, [one.number for one in events], until=digest.until
    )
    found = []
    for event in events:
        head = event.head
        found.append(
            ManualChange(
                number=event.number,
                at=head.created_at,
                username=head.username,
                verb=_VERBS.get(head.kind, str(head.kind)),
                reason=head.reason,
                targets=sorted((part.qid for part in event.parts), key=by_number),
                parameters=sorted({name for part in event.parts for name in part.parameters}),
                undoable=event.number not in undone and head.kind is not ValueEventKind.UNDONE,
                change=_describe_single_change(event),
            )
        )
    return [
        one for one in found if one.at > digest.since or (one.undoable and find_troubled_targets(digest, one))
    ]


def _describe_single_change(event: ValueEvent) -> str:
    """Return the value of an event before and after it, if it is a single one, or an empty text."""
    values = [one for part in event.parts for one in part.values.values()]
    if len(values) != 1:
        return ""
    before, after = (
        "none" if one is None else format_quantity(float(one.value), one.error, one.unit)
        for one in (values[0].before, values[0].after)
    )
    return f"{before} → {after}"
