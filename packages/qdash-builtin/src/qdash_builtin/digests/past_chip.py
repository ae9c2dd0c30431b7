"""Flagged results and runs of a chip as they were known at the end of a digest of the past."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from qdash_builtin.runs.result_times import list_timed_attempts
from qdash_builtin.values.flagged_results import (
    FlaggedResult,
    TargetsById,
    find_state,
    is_of_chip,
    list_undecided,
)
from qdash_builtin.values.result_queries import list_flagged, list_traced_results
from qdash_builtin.values.review_state import ReviewState
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.task import TaskStatus, Verdict, count_statuses, select_last_attempts
from qdash_core.repositories.results import LatestResultRepository, TaskResultHistoryRepository

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from qdash_builtin.comparisons.past_chip import PastChip
    from qdash_builtin.digests.finished_results import FinishedResult
    from qdash_builtin.runs.execution_lists import ListedExecution
    from qdash_core.models.chip import CouplingModel, QubitModel
    from qdash_core.models.task import TimedAttempt, TracedResult
    from qdash_core.repositories.repositories import Repositories


def list_waiting_then(
    repositories: Repositories, past: PastChip, results: Sequence[FinishedResult]
) -> list[FlaggedResult]:
    """Return the flagged results that awaited a decision at an earlier time, among the results of the period before it."""
    header, chip = past.chip.header, past.chip
    every: list[QubitModel | CouplingModel] = [*chip.qubits.values(), *chip.couplings.values()]
    last = _find_last_with_values(results)
    named = {
        *(one.task_id for target in every for one in target.disputes.values()),
        *(one.task_id for one in last.values() if one.verdict is Verdict.FLAGGED),
        *list_flagged(repositories.of(LatestResultRepository), header.project_id, header.chip_id),
        *past.decisions.task_ids,
    }
    flagged = [
        past.decisions.restore(one)
        for one in list_traced_results(repositories.of(TaskResultHistoryRepository), header.project_id, named)
        if one.chip_id == header.chip_id and one.end_at is not None and one.end_at <= past.at
    ]
    newest: dict[tuple[str, str], TracedResult] = {}
    for one in sorted((one for one in flagged if one.verdict is Verdict.FLAGGED), key=_get_end):
        newest[one.name, one.qid] = one
    targets = TargetsById(every)
    return [
        FlaggedResult(one.name, one, ReviewState.WAITING)
        for place, one in newest.items()
        if (place not in last or last[place].task_id == one.task_id)
        and is_of_chip(one, header)
        and targets.find(one.qid) is not None
        and list_undecided(one)
        and find_state(one, targets, is_last=True) is ReviewState.WAITING
    ]


def _find_last_with_values(results: Sequence[FinishedResult]) -> dict[tuple[str, str], FinishedResult]:
    """Return the last completed result of each task and target that counts for the chip; a refit is later than its measurement."""
    completed = [
        one
        for one in results
        if one.status is TaskStatus.COMPLETED and one.saved and not one.simulated and one.scope is None
    ]
    return {(one.name, one.qid): one for one in sorted(completed, key=_get_end)}


def _get_end(result: FinishedResult | TracedResult) -> str:
    return "" if result.end_at is None else result.end_at.isoformat()


def restore_run(repositories: Repositories, run: ListedExecution, past: PastChip) -> ListedExecution:
    """Return a run as it was known at an earlier time: one that ended later was running then, or was waiting."""
    execution, moment = run.execution, past.at
    has_ended = execution.end_at is not None and execution.end_at <= moment
    if execution.start_at is None or (
        has_ended and execution.execution_id not in past.decisions.execution_ids
    ):
        return run
    if execution.start_at > moment:
        waiting: dict[str, object] = {
            "status": ExecutionStatus.SCHEDULED,
            "start_at": None,
            "end_at": None,
            "tasks": {},
            "outcomes": {},
        }
        return replace(run, execution=execution.model_copy(update=waiting))
    attempts = list_timed_attempts(
        repositories.of(TaskResultHistoryRepository), execution.project_id, execution.execution_id
    )
    known = [
        _restore_attempt(past.decisions.restore(one), moment)
        for one in attempts
        if one.attempt == 1 or _has_begun(one, moment)
    ]
    outcomes = dict(Counter(one.outcome_in_force for one in select_last_attempts(known)))
    changes: dict[str, object] = {"tasks": count_statuses(outcomes), "outcomes": outcomes}
    if not has_ended:
        changes |= {"status": ExecutionStatus.RUNNING, "end_at": None}
    return replace(run, execution=execution.model_copy(update=changes))


def _has_begun(attempt: TimedAttempt, moment: datetime) -> bool:
    return any(one is not None and one <= moment for one in (attempt.start_at, attempt.end_at))


def _restore_attempt(attempt: TimedAttempt, moment: datetime) -> TimedAttempt:
    """Return an attempt as it was at a time."""
    if attempt.end_at is not None and attempt.end_at <= moment:
        return attempt
    status = TaskStatus.RUNNING if _has_begun(attempt, moment) else TaskStatus.SCHEDULED
    return attempt.model_copy(update={"status": status, "verdict": None})
