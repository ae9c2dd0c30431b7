"""Resumption of executions, requested by a person or automatic, and its prevention by a cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import IllegalTransitionError
from qdash_core.models.execution import EndReason, ExecutionStatus, ResumeRequest

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.queue import QueueEntryModel
    from qdash_core.repositories.repositories import Repositories


def request_resume(
    repositories: Repositories, execution: ExecutionModel, username: str, *, now: datetime
) -> ExecutionModel:
    """Record that a person asks to resume an execution: cancels made before do not prevent it."""
    request = ResumeRequest(username=username, requested_at=now)
    requested = execution.model_copy(update={"resume_request": request})
    repositories.executions.replace(requested, was=execution.status)
    return requested


def require_not_cancelled(execution: ExecutionModel) -> None:
    """Refuse to run an execution whose cancel stands.

    Raises
    ------
    IllegalTransitionError
        By whom it was cancelled, and how it is resumed.
    """
    if execution.cancel_stands:
        request = execution.cancel_request
        by = "" if request is None else f" by {request.username}"
        raise IllegalTransitionError(
            f"execution {execution.execution_id} was cancelled{by}: only a person resumes it, by "
            f"`qdash executions resume {execution.named}`"
        )


def goes_on(entry: QueueEntryModel, execution: ExecutionModel, *, failed: bool) -> bool:
    """Return whether a queued run that no process performs any more is to be performed again.

    Parameters
    ----------
    failed : bool
        Whether its worker died, or could not begin it. False: the run has ended, or was let go.
    """
    if execution.cancel_stands or execution.status is ExecutionStatus.COMPLETED:
        return False
    if failed and len(execution.attempts) == entry.attempts:
        return True  # whatever its status was before it was queued
    return execution.status is ExecutionStatus.SCHEDULED or execution.reason is EndReason.INTERRUPTED


def can_be_cancelled(repositories: Repositories, execution: ExecutionModel) -> bool:
    """Return whether an execution runs, waits to run, or waits to be resumed, by a person's request or automatically."""
    if not execution.status.terminal:
        return True
    if execution.status is ExecutionStatus.COMPLETED:
        return False
    if execution.resume_request is not None:
        return True
    entry = repositories.queue.find(execution.project_id, execution.execution_id)
    return entry is not None and goes_on(entry, execution, failed=True)


def leave_queue(repositories: Repositories, execution: ExecutionModel) -> ExecutionModel:
    """Remove the queue entry of an execution. A resume that a person asked for and that has not begun is withdrawn with it."""
    repositories.queue.remove(execution.project_id, execution.execution_id)
    if execution.resume_request is None:
        return execution
    withdrawn = execution.model_copy(update={"resume_request": None})
    repositories.executions.replace(withdrawn, was=execution.status)
    return withdrawn
