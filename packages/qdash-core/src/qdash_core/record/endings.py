"""The end of an execution, whoever ends it: its last stretch, its counts and its times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.execution import EndReason, EventModel, ExecutionModel, ExecutionStatus
from qdash_core.models.task import TaskStatus
from qdash_core.record.stretches import attempts_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from qdash_core.models.task import TaskResultModel
    from qdash_core.repositories.repositories import Repositories


def end_execution(
    repositories: Repositories,
    execution: ExecutionModel,
    status: ExecutionStatus,
    message: str,
    *,
    now: datetime,
    reason: EndReason | None = None,
    lab_seconds: float | None = None,
) -> ExecutionModel:
    """Move an execution, as the store has it, to a final state, with the counts of its results.

    That nothing completed is a failure; and what somebody asked to cancel is cancelled, even if it failed on the way.
    What fails without a `reason` does so by an error.

    Raises
    ------
    IllegalTransitionError
        If it cannot come to that state.
    """
    counts = repositories.results.count_by_status(execution.project_id, execution.execution_id)
    if status is ExecutionStatus.COMPLETED and counts and not counts.get(TaskStatus.COMPLETED):
        status, message = ExecutionStatus.FAILED, message or "no task completed"
        reason = EndReason.NOTHING_COMPLETED
    if status is ExecutionStatus.FAILED and execution.cancel_request is not None:
        status, message = ExecutionStatus.CANCELLED, f"cancelled by {execution.cancel_request.username}"
    match status:
        case ExecutionStatus.COMPLETED:
            reason = None
        case ExecutionStatus.CANCELLED:
            message, reason = message or "no reason was given", EndReason.CANCELLED
        case _:
            message, reason = message or "no reason was given", reason or EndReason.ERROR
    attempts = attempts_of(execution)
    if attempts:
        if lab_seconds is None:
            results = repositories.results.of_execution(execution.project_id, execution.execution_id)
            lab_seconds = _measured_since(attempts[-1].start_at, results, lab_seconds_before(execution))
        last = {
            "end_at": now,
            "status": status,
            "message": message,
            "reason": reason,
            "lab_seconds": lab_seconds,
        }
        attempts[-1] = attempts[-1].model_copy(update=last)
    ended = execution.model_copy(
        update={
            "attempts": attempts,
            "status": status,
            "message": message,
            "reason": reason,
            "tasks": counts,
            "end_at": now,
            "updated_at": now,
            "elapsed_time": sum(((one.end_at or now) - one.start_at).total_seconds() for one in attempts),
            "lab_seconds": _total(one.lab_seconds for one in attempts),
        }
    )
    repositories.executions.replace(ended, was=execution.status)
    repositories.events.append(execution_event(ended, status))
    return ended


def interruption(execution: ExecutionModel) -> KeyboardInterrupt:
    """Return what is raised for a run that was interrupted: it says which, what it is now, and what goes on with it."""
    named = execution.execution_id
    goes_on = ExecutionStatus.FAILED, ExecutionStatus.CANCELLED
    if execution.request is None or execution.status not in goes_on:
        return KeyboardInterrupt(f"execution {named} is {execution.status}")
    return KeyboardInterrupt(
        f"execution {named} is {execution.status}: `qdash executions resume {execution.named}` goes on with it"
    )


def execution_event(execution: ExecutionModel, what: str) -> EventModel:
    """Return the event that says what has become of an execution."""
    return EventModel(
        project_id=execution.project_id,
        kind=f"execution.{what}",
        chip_id=execution.chip_id,
        execution_id=execution.execution_id,
        data={"name": execution.name, "message": execution.message, "tasks": execution.tasks},
    )


def lab_seconds_before(execution: ExecutionModel) -> float:
    """Return the laboratory time of all stretches of an execution but the last."""
    return _total(one.lab_seconds for one in attempts_of(execution)[:-1]) or 0.0


def _measured_since(start: datetime, results: Iterable[TaskResultModel], before_s: float) -> float | None:
    """Return the laboratory time of a stretch whose backend cannot be asked any more: to its last recorded end."""
    ends = [
        one.lab_start_s + one.lab_s
        for one in results
        if one.start_at is not None
        and one.start_at >= start
        and one.lab_start_s is not None
        and one.lab_s is not None
    ]
    return max(ends) - before_s if ends else None


def _total(seconds: Iterable[float | None]) -> float | None:
    known = [one for one in seconds if one is not None]
    return sum(known) if known else None
