"""Ending an execution from outside the process that runs it: because that died, or does not listen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.artifacts.verifiable import checksums
from qdash_core.attempts.history_recorder import event_of
from qdash_core.lease.liveness import Liveness, liveness
from qdash_core.models.execution import EndReason, ExecutionStatus
from qdash_core.models.task import TaskStatus
from qdash_core.record.endings import end_execution, execution_event

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.models.execution import ExecutionHead, ExecutionModel
    from qdash_core.models.marks import Mark
    from qdash_core.repositories.repositories import Repositories


def orphans(
    repositories: Repositories, project_id: str, now: datetime, gone: Collection[Mark] = ()
) -> list[ExecutionModel]:
    """Return the executions that nobody runs any more. Those that may live on another host are not among them.

    Parameters
    ----------
    gone : collection of Mark
        Leases that were watched for as long as they live without being renewed, as they were then.
    """
    running = repositories.executions.in_state(project_id, ExecutionStatus.RUNNING)
    holders = _holders(repositories, running, now, gone)
    return [one for one in running if holders.get(one.execution_id) in (None, Liveness.DEAD)]


def interrupted_among(
    repositories: Repositories, executions: Iterable[ExecutionHead], now: datetime
) -> set[str]:
    """Return the ids of those executions of a project that are recorded as running without a process that surely lives."""
    running = [one for one in executions if one.status is ExecutionStatus.RUNNING]
    holders = _holders(repositories, running, now)
    return {one.execution_id for one in running if holders.get(one.execution_id) is not Liveness.ALIVE}


def _holders(
    repositories: Repositories,
    executions: Sequence[ExecutionHead],
    now: datetime,
    gone: Collection[Mark] = (),
) -> dict[str, Liveness]:
    """Return what is known of the processes that hold the leases of executions; without those that nobody holds."""
    leases = repositories.locks.on_instruments({one.instrument for one in executions})
    held = {
        (one.instrument, one.owner): Liveness.DEAD if one.mark in gone else liveness(one, now)
        for one in leases
    }
    return {
        one.execution_id: held[one.instrument, one.lease_owner]
        for one in executions
        if (one.instrument, one.lease_owner) in held
    }


def end_interrupted(
    repositories: Repositories, execution: ExecutionModel, artifacts: CalibDataSaver, *, now: datetime
) -> ExecutionModel:
    """Record a run whose process died as failed: what ran has failed, what waited is cancelled."""
    _end_results(repositories, execution, TaskStatus.FAILED, "interrupted", artifacts, now)
    message = (
        f"interrupted: the process that ran it died; `qdash executions resume {execution.named}` finishes it"
    )
    return _end(repositories, execution, ExecutionStatus.FAILED, message, now, EndReason.INTERRUPTED)


def cancel(
    repositories: Repositories,
    execution: ExecutionModel,
    artifacts: CalibDataSaver,
    message: str,
    *,
    now: datetime,
) -> ExecutionModel:
    """Record a run as cancelled, with all that ran or waited; what had not begun leaves the queue."""
    if execution.status is ExecutionStatus.SCHEDULED:
        repositories.queue.remove(execution.project_id, execution.execution_id)
    _end_results(repositories, execution, TaskStatus.CANCELLED, message, artifacts, now)
    return _end(repositories, execution, ExecutionStatus.CANCELLED, message, now)


def cancel_resumption(
    repositories: Repositories, execution: ExecutionModel, message: str, *, now: datetime
) -> ExecutionModel:
    """Record an execution that has ended and was to be resumed as cancelled, and remove it from the queue.

    How its last stretch ended stays as it is recorded there.
    """
    changes = {
        "status": ExecutionStatus.CANCELLED,
        "message": message,
        "reason": EndReason.CANCELLED,
        "end_at": now,
        "updated_at": now,
    }
    repositories.queue.remove(execution.project_id, execution.execution_id)
    cancelled = execution.model_copy(update=changes)
    repositories.executions.replace(cancelled, was=execution.status)
    was_cancelled = execution.status is ExecutionStatus.CANCELLED
    repositories.events.append(
        execution_event(cancelled, "cancel_requested" if was_cancelled else ExecutionStatus.CANCELLED)
    )
    return cancelled


def _end_results(
    repositories: Repositories,
    execution: ExecutionModel,
    running_become: TaskStatus,
    message: str,
    artifacts: CalibDataSaver,
    now: datetime,
) -> None:
    """End the results that are open. Raw data that were saved are found again."""
    for result in repositories.results.of_execution(execution.project_id, execution.execution_id):
        if result.status.terminal:
            continue
        was, path = result.status, result.raw_data_file
        result.status = running_become if was is TaskStatus.RUNNING else TaskStatus.CANCELLED
        result.message, result.end_at, result.updated_at = message, now, now
        if artifacts.exists(path):
            result.raw_data_path, result.raw_data_sha256 = [path], checksums(artifacts, path)
        repositories.results.replace(result, was=was)
        repositories.events.append(event_of(result))


def _end(
    repositories: Repositories,
    execution: ExecutionModel,
    status: ExecutionStatus,
    message: str,
    now: datetime,
    reason: EndReason | None = None,
) -> ExecutionModel:
    """End the execution, and take away its lease: a process that lives after all must write nothing more."""
    lease = repositories.locks.held_by(execution.hold)
    if lease is not None:
        repositories.locks.remove(lease.instrument, owner=lease.owner)
    return end_execution(repositories, execution, status, message, now=now, reason=reason)
