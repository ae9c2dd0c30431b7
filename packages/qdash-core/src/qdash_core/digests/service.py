"""Service for digests of chips."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from qdash_core.chips.chip import read_chip
from qdash_core.comparisons.chip_state import make_present_state, read_state
from qdash_core.comparisons.comparison import compare_points
from qdash_core.comparisons.shared_resources import list_resources
from qdash_core.digests.advice import list_advice
from qdash_core.digests.changes import (
    list_changed_statuses,
    list_moved,
    list_progress,
    list_specification_changes,
    select_statuses,
)
from qdash_core.digests.digest import Digest, FlaggedTask, ManualChange
from qdash_core.digests.failures import group_failures, select_newest
from qdash_core.digests.laboratory_time import sum_laboratory_time
from qdash_core.metrics.marks import count_marks
from qdash_core.models.base import utc_now
from qdash_core.models.chip import TargetStatus
from qdash_core.models.marks import Mark
from qdash_core.models.project import make_command_options
from qdash_core.models.quantities import format_quantity
from qdash_core.models.targets import by_number
from qdash_core.models.value_change import ValueEventKind
from qdash_core.record.execution_lists import ExecutionFilter
from qdash_core.repositories.repositories import Repositories
from qdash_core.values.events import group_events
from qdash_core.values.flagged_results import list_waiting
from qdash_core.values.point_in_time import PAST_POINTS, PointInTime, find_last_evening

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_core.chips.chip import Chip
    from qdash_core.comparisons.chip_state import ChipState
    from qdash_core.metrics.marks import MarkReader
    from qdash_core.metrics.service import MetricsService
    from qdash_core.models.access import Access
    from qdash_core.record.execution_lists import ListedExecution
    from qdash_core.record.queries import ExecutionService
    from qdash_core.repositories.store import Store
    from qdash_core.values.writer import ValueEvent

_LONGEST_RUN = timedelta(days=2)
"""Time before the start of a digest in which runs that ended later are looked for."""
_RECENT = 20
_VERBS = {ValueEventKind.UNDONE: "undid"}
"""Past tense of the kinds of value events whose names are not."""


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
    marks : MarkReader
        Reader of the marks of values in use.
    executions : ExecutionService
        Lists of executions.
    clock : callable
        Returns the current time in UTC.
    """

    def __init__(
        self,
        store: Store,
        zone: ZoneInfo,
        *,
        metrics: MetricsService,
        marks: MarkReader,
        executions: ExecutionService,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._zone = zone
        self._metrics = metrics
        self._marks = marks
        self._executions = executions
        self._clock = clock

    def make(self, access: Access, chip_id: str, since: str | None = None) -> Digest:
        """Return the digest of a chip from a point in time to now.

        Parameters
        ----------
        access : Access
            The caller and the project.
        chip_id : str
            The chip.
        since : str or None
            A time, a time of day (the last one), a duration before now, an execution id (its end), or `release:NAME`; None for 18:00
            of the day before. The start is not before the creation of the chip.

        Raises
        ------
        NotFoundError
            If there is no such chip, execution or release.
        InvalidInputError
            If the point in time is invalid or in the future, or the execution ran on another chip.
        ConflictError
            If the execution has not ended.
        """
        now = self._clock()
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            chip = read_chip(repositories, access.project_id, chip_id)
            label, start = self._find_start(repositories, chip, since, now)
            digest = self._make(repositories, chip, label, start, now)
            flow = _find_flow(repositories, chip)
        digest = replace(digest, runs=self._list_runs(access, chip_id, start))
        further = make_command_options(access.project_id, access.username)
        return replace(digest, advice=list_advice(digest, flow=flow, further=further))

    def _find_start(
        self, repositories: Repositories, chip: Chip, since: str | None, now: datetime
    ) -> tuple[str, datetime]:
        """Return the start of a digest as text and as a time."""
        where = chip.header.project_id, chip.header.chip_id
        if since is None:
            start = find_last_evening(self._zone, now=now)
            label = start.astimezone(self._zone).isoformat(sep=" ", timespec="minutes")[:16]
        else:
            point = PointInTime.parse(since, self._zone, now=now, kinds=PAST_POINTS)
            release = point.find_release(repositories, *where)
            start = point.find_moment(repositories, *where) if release is None else release.created_at
            label = point.text
        return label, max(start, chip.header.created_at)

    def _make(
        self, repositories: Repositories, chip: Chip, label: str, start: datetime, now: datetime
    ) -> Digest:
        file, header = self._metrics.file, chip.header
        where = header.project_id, header.chip_id
        point = PointInTime.parse(start.isoformat(), self._zone, now=now)
        before = read_state(repositories, chip, point, now=now)
        after = make_present_state(chip, "now", now)
        resources = list_resources(chip)
        compared = compare_points(before, after, file, resources)
        results = repositories.results.list_finished(*where, since=start)
        changed = list_changed_statuses(before, chip)
        laboratory, laboratory_s = sum_laboratory_time(results)
        stored = [*repositories.qubits.list_values(*where), *repositories.couplings.list_values(*where)]
        active = {
            qid for qid, one in (*chip.qubits.items(), *chip.couplings.items()) if not one.status.set_aside
        }
        marks = self._marks.find_of(repositories, *where, stored)
        counts = count_marks({qid: some for qid, some in marks.items() if qid in active})
        return Digest(
            chip_id=header.chip_id,
            label=label,
            since=start,
            until=now,
            runs=(),
            metrics=list_progress(before, after, file),
            moved=list_moved(compared, file),
            newly_failed=select_statuses(changed, TargetStatus.FAILED),
            newly_calibrated=select_statuses(changed, TargetStatus.CALIBRATED),
            set_aside=select_statuses(changed, TargetStatus.EXCLUDED, TargetStatus.DEAD),
            left_specification=list_specification_changes(before, after, file, left=True),
            met_specification=list_specification_changes(before, after, file, left=False),
            failures=group_failures(
                [one for one in select_newest(results) if one.qid in active or not one.qid],
                resources,
                failed_since=_find_former_failures(chip, before),
            ),
            manual=_list_manual_changes(repositories, chip, start),
            statuses={
                "qubit": Counter(one.status for one in chip.qubits.values()),
                "coupling": Counter(one.status for one in chip.couplings.values()),
            },
            flagged=_list_flagged(repositories, chip, start),
            too_old=counts.get(Mark.TOO_OLD, 0),
            moved_inputs=counts.get(Mark.INPUTS_MOVED, 0),
            laboratory=laboratory,
            laboratory_s=laboratory_s,
        )

    def _list_runs(self, access: Access, chip_id: str, start: datetime) -> Sequence[ListedExecution]:
        """Return the runs that started or ended after a time, oldest first; those that have not started last."""
        wanted = ExecutionFilter(chip_id=chip_id, since=start - _LONGEST_RUN)
        listed = self._executions.list_executions(access, wanted)
        found = [
            one
            for one in listed
            if one.execution.end_at is None
            or one.execution.end_at > start
            or (one.execution.start_at is not None and one.execution.start_at > start)
        ]
        return found[::-1]


def _find_flow(repositories: Repositories, chip: Chip) -> str:
    """Return the flow of the newest run of a flow on several targets of a chip, or an empty text."""
    recent = repositories.executions.list_newest(
        chip.header.project_id, chip_id=chip.header.chip_id, limit=_RECENT
    )
    return next(
        (one.request.flow for one in recent if one.request is not None and one.request.single is None), ""
    )


def _find_former_failures(chip: Chip, before: ChipState) -> dict[str, datetime]:
    """Return the times since which targets are failed that were failed in a former state, too."""
    return {
        qid: one.status_at
        for qid, one in (*chip.qubits.items(), *chip.couplings.items())
        if one.status_at is not None and before.targets[qid].status is one.status is TargetStatus.FAILED
    }


def _list_flagged(repositories: Repositories, chip: Chip, start: datetime) -> list[FlaggedTask]:
    found = [
        FlaggedTask(
            one.values.qid,
            one.task,
            one.values.task_id,
            one.values.reasons,
            is_new=one.values.start_at is not None and one.values.start_at > start,
        )
        for one in list_waiting(repositories, chip.header)
    ]
    return sorted(found, key=lambda one: ("-" in one.target, by_number(one.target), one.task))


def _list_manual_changes(repositories: Repositories, chip: Chip, start: datetime) -> list[ManualChange]:
    """Return the changes of values by users after a time, oldest first."""
    changes = repositories.value_changes.list_by_hand_since(
        chip.header.project_id, chip.header.chip_id, start
    )
    found = []
    for event in group_events(changes):
        head = event.head
        found.append(
            ManualChange(
                number=event.number,
                at=head.created_at,
                username=head.username,
                verb=_VERBS.get(head.kind, str(head.kind)),
                reason=head.reason,
                targets=sorted((part.qid for part in event.parts), key=by_number),
                parameters=sorted({name for part in event.parts for name in (*part.values, *part.decisions)}),
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
