"""Service for digests of chips."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING

from qdash_builtin.comparisons.chip_state import make_past_state, make_present_state
from qdash_builtin.comparisons.comparison import compare_points
from qdash_builtin.comparisons.past_chip import PastChipReader, read_past_chip
from qdash_builtin.comparisons.shared_resources import list_resources
from qdash_builtin.digests.advice import find_troubled_targets, list_advice
from qdash_builtin.digests.adviser import Adviser
from qdash_builtin.digests.changes import (
    add_disputed_values,
    count_fitness,
    list_moved,
    list_progress,
    list_specification_changes,
    list_stale,
    select_essential,
    select_targets,
)
from qdash_builtin.digests.digest import Digest, FlaggedTask, ManualChange, UnfitTarget
from qdash_builtin.digests.failures import group_failures, select_newest
from qdash_builtin.digests.feature_lines import read_digest_lines
from qdash_builtin.digests.finished_results import FinishedResultReader
from qdash_builtin.digests.fitness_news import (
    describe_unfit,
    find_earliest,
    find_onset,
    group_unfit,
    iter_changed_fitness,
    list_not_fit,
    list_unfit,
)
from qdash_builtin.digests.laboratory_time import sum_laboratory_time
from qdash_builtin.digests.past_chip import list_waiting_then, restore_run
from qdash_builtin.digests.period import find_period, format_moment
from qdash_builtin.digests.running_versions import RunningVersions
from qdash_builtin.runs.execution_lists import ExecutionFilter, add_counts, iter_candidates
from qdash_builtin.runs.listed_results import list_listed_results
from qdash_builtin.runs.result_times import AttemptReader
from qdash_builtin.values.change_queries import list_changes_by_hand
from qdash_builtin.values.events import find_undos, group_events
from qdash_builtin.values.flagged_results import list_undecided, list_waiting
from qdash_core.chips.chip import read_chip, read_chip_version
from qdash_core.models.chip import TargetStatus
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.facts import FactSubject
from qdash_core.models.project import DEFAULT_USER, make_command_options
from qdash_core.models.quantities import format_quantity
from qdash_core.models.simulated_time import select_simulated_time
from qdash_core.models.targets import TARGET_KINDS, by_number, get_target_kind
from qdash_core.models.value_change import ValueEventKind
from qdash_core.process.clock import utc_now
from qdash_core.repositories.executions import EventRepository, ExecutionRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_core.repositories.value_changes import ValueChangeRepository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_builtin.comparisons.chip_state import ChipState
    from qdash_builtin.comparisons.past_chip import PastChip
    from qdash_builtin.digests.period import Period
    from qdash_builtin.metrics.definitions import MetricsFile
    from qdash_builtin.metrics.judgement.reader import JudgementReader
    from qdash_builtin.metrics.service import MetricsService
    from qdash_builtin.runs.execution_lists import ListedExecution
    from qdash_builtin.text_pages.sections import Section
    from qdash_builtin.values.flagged_results import FlaggedResult
    from qdash_core.chips.chip import Chip
    from qdash_core.hooks.fact_reader import FactReader
    from qdash_core.models.access import Access
    from qdash_core.models.chip import CouplingModel, ParameterModel, QubitModel
    from qdash_core.models.chip_judgement import Judgement, TargetJudgement
    from qdash_core.models.execution import ExecutionHead
    from qdash_core.models.targets import TargetKind
    from qdash_core.repositories.store import Store
    from qdash_core.values.writer import ValueEvent

REMADE_S = 10.0
"""Interval at which the digests of a running run are made again, in seconds."""
_LOOKED_BACK = 200
"""Number of events among which the newest one of no task is sought."""
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
    zone : ZoneInfo
        Time zone of times that name none.
    attempts : AttemptReader or None
        Reader of the attempts of executions, or None for one of its own.
    adviser : Adviser or None
        Runs, laboratory times and likely causes for advice, or None if they are unknown.
    facts : FactReader or None
        Lines of features, or None for no lines.
    """

    def __init__(
        self,
        store: Store,
        zone: ZoneInfo,
        *,
        metrics: MetricsService,
        judgements: JudgementReader,
        attempts: AttemptReader | None = None,
        adviser: Adviser | None = None,
        facts: FactReader | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._zone = zone
        self._metrics = metrics
        self._judgements = judgements
        self._attempts = attempts or AttemptReader()
        self._finished = FinishedResultReader()
        self._past_chips = PastChipReader()
        self._versions = RunningVersions()
        self._adviser = adviser or Adviser()
        self._facts = facts
        self._clock = clock

    @contextmanager
    def read_version(self, access: Access, chip_id: str) -> Iterator[tuple[datetime, int]]:
        """Yield the version of the digests of a chip as `read_chip_version`; NotFoundError if there is no such chip.

        While a run is recorded as running, the number changes at intervals, and with events other than those of tasks: digests of a run would
        be made after each result, and a process may die without an event. See `RunningVersions`; a digest is made in the block.
        """
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            changed_at, seq = read_chip_version(repositories, access.project_id, chip_id)
            running = {"project_id": access.project_id, "status": ExecutionStatus.RUNNING}
            newest = (
                repositories.of(EventRepository).list_before(access.project_id, None, limit=_LOOKED_BACK)
                if repositories.of(ExecutionRepository).count(running)
                else []
            )
        if not newest:
            yield changed_at, seq
            return
        by_others = next((one.seq for one in newest if not one.kind.startswith("task.")), 0)
        place = access.project_id, chip_id
        with self._versions.choose(place, by_others, every_s=REMADE_S) as number:
            yield changed_at, number

    def make(
        self,
        access: Access,
        chip_id: str,
        since: str | None = None,
        until: str | None = None,
        *,
        username: str = DEFAULT_USER,
    ) -> Digest:
        """Return the digest of a chip from a point in time to another, as it was known then.

        Decisions and measurements after its end do not count. A digest of the past lists what was advised then, without commands: these
        would act on the present chip.

        Parameters
        ----------
        since : str or None
            A time, a time of day (the last one), a duration before now, an execution id (its end), or `release:NAME`; `last-night` or
            `night-before-last` for a night from 18:00 to 12:00; None for 18:00 the day before. The start is not before the creation of the chip.
        until : str or None
            The end, as `since`, but no night; None for now, or for the end of the night.
        username : str
            User whom the advised commands name by `--user`, on the home of a machine; others have a login that names them.

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
            digest = self._make(repositories, chip, period)
            by_hand = _list_changes_by_hand(repositories, chip, digest)
            known_tasks = _list_known_tasks(repositories, access.project_id, digest)
        manual = [
            one
            for one in by_hand
            if one.at > digest.since or (one.undoable and find_troubled_targets(digest, one))
        ]
        options = make_command_options(access.project_id, username)
        digest = replace(
            digest, manual=manual, options=options, further=self._read_further(access, chip_id, period)
        )
        advice = list_advice(
            digest,
            runs=self._adviser.make_run_choice(access, chip_id, estimates=not period.is_past),
            further=options,
            by_hand=by_hand,
            known_tasks=known_tasks,
            explain=partial(self._adviser.explain, access),
        )
        if not period.is_past:
            return replace(digest, advice=advice)
        advised = [replace(one, command="", conditions=(), flow="", event=None) for one in advice]
        return replace(digest, advised_then=advised)

    def _read_further(self, access: Access, chip_id: str, period: Period) -> Sequence[Section]:
        if self._facts is None:
            return ()
        subject = FactSubject(chip_id, since=period.start, until=period.end)
        return read_digest_lines(self._facts, access, subject)

    def _make(self, repositories: Repositories, chip: Chip, period: Period) -> Digest:
        """Return a digest without changes by users and advice."""
        from qdash_builtin.metrics.judgement.value_history import read_usual_scatter  # needs numpy

        header, start, end = chip.header, period.start, period.end
        where = header.project_id, header.chip_id
        former = self._past_chips.read(repositories, chip, start)
        before = make_past_state(former, period.label)
        past = read_past_chip(repositories, chip, end) if period.is_past else None
        file = self._metrics.file.specify((chip if past is None else past.chip).header.specification)
        if past is None:
            after = make_present_state(chip, "now", end)
            scatter = self._judgements.results.read_scatter(repositories, *where)
            judgement = self._judgements.read(repositories, *where)
        else:
            chip, after = past.chip, make_past_state(past, format_moment(end, self._zone))
            scatter = read_usual_scatter(
                repositories, *where, until=end, restore=past.decisions.restore_measured
            )
            judgement = self._judgements.judge_past(repositories, chip, end, scatter)
        judged_before = self._judgements.judge_past(repositories, former.chip, start, scatter)
        unknown = former.unknown
        judged_before = judged_before.select([qid for qid in before.targets if qid not in unknown])
        known = list_unfit(judged_before)
        unfit = [
            _describe(repositories, chip, qid, one, file, end) for qid, one in list_unfit(judgement).items()
        ]
        changed = [*iter_changed_fitness(judged_before, judgement, partial(_get_note, chip))]
        resources = list_resources(chip)
        compared = compare_points(before, after, file, resources, scatter)
        disputed = _read_disputed_values(repositories, former)
        seen = add_disputed_values(before, disputed)
        doubted = {qid for qid, _ in disputed}
        measured = compare_points(
            select_targets(seen, doubted), select_targets(after, doubted), file, resources, scatter
        )
        results = [
            one
            for one in self._finished.list_results(repositories, *where, since=start - _LONGEST_TASK)
            if start < max(filter(None, (one.start_at, one.end_at)), default=start) <= end
        ]
        waiting = (
            list_waiting(repositories, header)
            if past is None
            else list_waiting_then(repositories, past, results)
        )
        laboratory, laboratory_s = sum_laboratory_time(results)
        active = {qid for qid, one in after.targets.items() if one.status is None or not one.status.set_aside}
        stale = list_stale(judgement, after)
        return Digest(
            chip_id=header.chip_id,
            label=period.label,
            since=start,
            until=end,
            runs=self._list_runs(repositories, chip, start, end, past),
            metrics=list_progress(
                before,
                after,
                file,
                _collect_flagged(waiting, start),
                unfit_before=judged_before.unfit,
                unfit=judgement.unfit,
            ),
            moved=list_moved(compared, file, measured),
            unstable=compared.unstable,
            newly_unfit=group_unfit([one for one in unfit if one.target not in known], judgement, resources),
            still_unfit=group_unfit([one for one in unfit if one.target in known], judgement, resources),
            newly_fit=[one for one in changed if not one.fitness.set_aside],
            set_aside=[one for one in changed if one.fitness.set_aside],
            left_specification=list_specification_changes(seen, after, file, scatter, left=True),
            met_specification=list_specification_changes(before, after, file, scatter, left=False),
            failures=group_failures(
                [one for one in select_newest(results) if one.qid in active or not one.qid],
                resources,
                failed_since=_find_former_failures(chip, before, after),
            ),
            manual=(),
            statuses=_count_statuses(after, judgement),
            fitness=count_fitness(judgement),
            not_fit=list_not_fit(judgement),
            flagged=_list_flagged(waiting, start),
            too_old=sum(one.is_old for one in stale),
            moved_inputs=sum(one.is_moved for one in stale),
            stale=select_essential(stale, file),
            laboratory=laboratory,
            laboratory_s=laboratory_s,
            titles={name: one.title for kind in TARGET_KINDS for name, one in file.get_metrics(kind).items()},
            simulated_time=select_simulated_time(end),
        )

    def _list_runs(
        self, repositories: Repositories, chip: Chip, start: datetime, end: datetime, past: PastChip | None
    ) -> Sequence[ListedExecution]:
        """Return the runs that started, ended or were requested in a period, and those that had not ended, oldest first."""
        wanted, project_id = ExecutionFilter(chip_id=chip.header.chip_id), chip.header.project_id
        listed = iter_candidates(repositories, project_id, wanted, limit=_RECENT, after=None)
        recent = takewhile(lambda one: _get_newest_time(one.execution) > start - _LONGEST_RUN, listed)
        found = [
            one
            for one in recent
            if one.execution.end_at is None
            or max(one.execution.end_at, _get_newest_time(one.execution)) > start
        ]
        counted = add_counts(repositories, project_id, found[::-1], self._attempts)
        known = counted if past is None else [restore_run(repositories, one, past) for one in counted]
        return [one for one in known if _get_newest_time(one.execution) <= end]


def _count_statuses(state: ChipState, judgement: Judgement) -> dict[TargetKind, Counter[TargetStatus]]:
    """Return the number of qubits and of couplings by status; those of unknown status are not counted."""
    found: dict[TargetKind, Counter[TargetStatus]] = {"qubit": Counter(), "coupling": Counter()}
    for qid, one in state.targets.items():
        if one.status is not None:
            found[get_target_kind(qid)][judgement.targets[qid].status] += 1
    return found


def _get_newest_time(execution: ExecutionHead) -> datetime:
    """Return the time of the start of an execution, or of its request if it has not started."""
    return execution.start_at or execution.created_at


def _describe(
    repositories: Repositories,
    chip: Chip,
    qid: str,
    judged: TargetJudgement,
    file: MetricsFile,
    until: datetime,
) -> UnfitTarget:
    """Return an unfit target of a chip with its drive line, and with the time since which its values miss a limit."""
    line = (None if chip.wiring is None or "-" in qid else chip.wiring.get_control_line(qid)) or ""
    found = replace(describe_unfit(_get_target(chip, qid), judged), line=line)
    if found.since is not None or not any(one is not None for one in judged.missed.values()):
        return found
    pages = repositories.of(TaskResultHistoryRepository).iter_by_target(
        chip.header.project_id, chip.header.chip_id, qid
    )
    results = (
        one
        for page in pages
        for one in page
        if one.end_at is not None and one.end_at <= until and one.saved and not one.simulated
    )
    metrics = file.get_metrics(get_target_kind(qid))
    return replace(found, since=find_onset(results, judged.missed, metrics))


def _get_note(chip: Chip, qid: str) -> str:
    """Return the note on a target, or an empty text."""
    return _get_target(chip, qid).note.content


def _get_target(chip: Chip, qid: str) -> QubitModel | CouplingModel:
    return chip.couplings[qid] if "-" in qid else chip.qubits[qid]


def _read_disputed_values(
    repositories: Repositories, past: PastChip
) -> dict[tuple[str, str], ParameterModel]:
    """Return the flagged values that awaited a decision at an earlier time, by target and parameter."""
    disputes = {
        (one.qid, name): dispute.task_id
        for one in (*past.chip.qubits.values(), *past.chip.couplings.values())
        for name, dispute in one.disputes.items()
    }
    flagged = repositories.of(TaskResultHistoryRepository).list_values(
        past.chip.header.project_id, {*disputes.values()}
    )
    values = {one.task_id: one.output_parameters for one in flagged}
    return {
        (qid, name): values[task_id][name]
        for (qid, name), task_id in disputes.items()
        if name in values.get(task_id, ())
    }


def _list_known_tasks(repositories: Repositories, project_id: str, digest: Digest) -> dict[str, str]:
    """Return the tasks of the results that decided that a target is unfit or gave a stale value, by the id of the result."""
    unfit = [one.task_id for group in digest.unfit for one in group.members if not one.task]
    named = {one for one in (*unfit, *(one.task_id for one in digest.stale)) if one}
    return {
        one.task_id: one.name
        for one in list_listed_results(repositories.of(TaskResultHistoryRepository), project_id, named)
    }


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


def _list_changes_by_hand(repositories: Repositories, chip: Chip, digest: Digest) -> list[ManualChange]:
    """Return the changes of values by users up to the end of a digest, oldest first: from shortly before it, or before a target became unfit."""
    first = min(digest.since, find_earliest(digest.unfit) or digest.since)
    changes = list_changes_by_hand(
        repositories.of(ValueChangeRepository),
        chip.header.project_id,
        chip.header.chip_id,
        first - _SHORTLY_BEFORE,
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
    return found


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
