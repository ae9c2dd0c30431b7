"""External transitions of executions, which any process can make: end, cancel, refuse, request a resume."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from qdash_core.artifacts.storage_features import list_checksums
from qdash_core.attempts.history_recorder import make_task_event
from qdash_core.errors import IllegalTransitionError
from qdash_core.models.execution import (
    CancelRequest,
    EndReason,
    ExecutionModel,
    ExecutionStatus,
    ResumeRequest,
)
from qdash_core.models.task import TaskStatus
from qdash_core.process.clock import utc_now
from qdash_core.record.orphans import is_resumable, list_orphans
from qdash_core.record.run_attempts import end_execution, make_execution_event
from qdash_core.repositories.executions import EventRepository, ExecutionLockRepository, ExecutionRepository
from qdash_core.repositories.queue import QueueRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskResultHistoryRepository

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from datetime import datetime

    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.models.process_marks import Mark
    from qdash_core.repositories.store import Store


class ExternalTransitions:
    """Transitions of the executions of one store that any process can make, not only their own.

    Each reads the execution and changes it in one transaction. `artifacts` is the storage of raw data; `clock`
    returns the current time in UTC.
    """

    def __init__(
        self,
        store: Store,
        artifacts: CalibDataSaver,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._artifacts = artifacts
        self._clock = clock

    @contextmanager
    def _change(self, project_id: str, execution_id: str) -> Iterator[tuple[Repositories, ExecutionModel]]:
        """Open a transaction to change an execution; raise NotFoundError if there is none."""
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            yield repositories, repositories.of(ExecutionRepository).require(project_id, execution_id)

    def end_interrupted(self, project_id: str, gone: Collection[Mark] = ()) -> list[ExecutionModel]:
        """Record the runs of a project whose process died as failed: running tasks have failed, waiting ones are cancelled.

        A run is unchanged while a lock exists for it whose holder may be alive, for any chip. Raw data that were
        saved before a process died are found, and its lock is released. `gone` has the locks of other hosts that were
        watched for their lifetime without a renewal.
        """
        now = self._clock()
        with self._store.read() as snapshot:
            if not list_orphans(Repositories(snapshot), project_id, gone):
                return []
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            return [
                record_interrupted(repositories, execution, self._artifacts, now=now)
                for execution in list_orphans(repositories, project_id, gone)
            ]

    def request_cancel(self, project_id: str, execution_id: str, username: str) -> ExecutionModel:
        """Record a user's request to cancel an execution. An execution that is not running is cancelled at once and leaves the queue.

        From then on only a person's later resume runs it again. The process that performs it checks for
        the request and ends it.

        Raises
        ------
        NotFoundError
            If there is no such execution.
        IllegalTransitionError
            If it has ended and does not wait to be resumed.
        """
        now = self._clock()
        with self._change(project_id, execution_id) as (repositories, execution):
            if not can_be_cancelled(repositories, execution):
                raise IllegalTransitionError(
                    f"execution {execution_id} is {execution.status}: there is nothing to cancel"
                )
            if execution.status is ExecutionStatus.RUNNING and execution.is_cancel_in_force:
                return execution  # the first request counts
            request = CancelRequest(username=username, requested_at=now)
            changes = {"cancel_request": request, "resume_request": None, "updated_at": now}
            requested = execution.model_copy(update=changes)
            message = f"cancelled by {username}"
            if execution.status.terminal:
                return cancel_resumption(repositories, requested, message, now=now)
            if execution.status is ExecutionStatus.SCHEDULED:
                return record_cancelled(repositories, requested, self._artifacts, message, now=now)
            repositories.of(ExecutionRepository).replace(requested, was=execution.status)
            repositories.of(EventRepository).append(make_execution_event(requested, "cancel_requested"))
        return requested

    def request_resume(self, project_id: str, execution_id: str, username: str) -> ExecutionModel:
        """Record a user's request to resume an execution, which overrides an earlier cancellation.

        Raises
        ------
        NotFoundError
            If there is no such execution.
        """
        with self._change(project_id, execution_id) as (repositories, execution):
            return request_resume(repositories, execution, username, now=self._clock())

    def cancel_scheduled(self, project_id: str, execution_id: str, message: str) -> ExecutionModel:
        """Cancel an execution that has not started and remove it from the queue; return any other execution unchanged.

        Raises
        ------
        NotFoundError
            If there is no such execution.
        """
        with self._change(project_id, execution_id) as (repositories, execution):
            if execution.status is not ExecutionStatus.SCHEDULED:
                return execution
            return record_cancelled(repositories, execution, self._artifacts, message, now=self._clock())

    def cancel_from_outside(
        self, project_id: str, execution_id: str, message: str = "cancelled"
    ) -> ExecutionModel:
        """Cancel an execution whose process was killed or does not respond; return an ended execution unchanged.

        Running and waiting tasks become cancelled, with existing raw data; ended tasks do not change. The lock is removed,
        so that a process that is still alive writes nothing more.

        Raises
        ------
        NotFoundError
            If there is no such execution.
        """
        with self._change(project_id, execution_id) as (repositories, execution):
            if execution.status.terminal:
                return execution
            return record_cancelled(repositories, execution, self._artifacts, message, now=self._clock())

    def record_flow_run_id(self, project_id: str, execution_id: str, flow_run_id: str) -> ExecutionModel:
        """Record the id of the external flow run that performs an execution.

        A running execution is returned unchanged: something else performs it.

        Raises
        ------
        NotFoundError
            If there is no such execution.
        """
        with self._change(project_id, execution_id) as (repositories, execution):
            if execution.status is ExecutionStatus.RUNNING:
                return execution
            changes = {"brought_as": flow_run_id, "updated_at": self._clock()}
            noted = execution.model_copy(update=changes)
            repositories.of(ExecutionRepository).replace(noted, was=execution.status)
        return noted

    def refuse(self, project_id: str, execution_id: str, message: str) -> ExecutionModel:
        """Record a scheduled execution that could not start as failed; return any other execution unchanged.

        Raises
        ------
        NotFoundError
            If there is no such execution.
        """
        now = self._clock()
        with self._change(project_id, execution_id) as (repositories, execution):
            if execution.status is not ExecutionStatus.SCHEDULED:
                return execution
            running = execution.model_copy(update={"status": ExecutionStatus.RUNNING, "start_at": now})
            repositories.of(ExecutionRepository).replace(running, was=ExecutionStatus.SCHEDULED)
            repositories.of(EventRepository).append(make_execution_event(running, "running"))
            repositories.of(QueueRepository).remove(project_id, execution_id)
            status, reason = ExecutionStatus.FAILED, EndReason.REFUSED
            return end_execution(repositories, running, status, message, now=now, reason=reason)


def record_interrupted(
    repositories: Repositories, execution: ExecutionModel, artifacts: CalibDataSaver, *, now: datetime
) -> ExecutionModel:
    """Record a run whose process died as failed: running tasks have failed, waiting ones are cancelled."""
    end_results(repositories, execution, TaskStatus.FAILED, "interrupted", artifacts, now)
    message = f"interrupted: the process that ran it died; `qdash executions resume {execution.id_with_options}` finishes it"
    return end_unlocked(repositories, execution, ExecutionStatus.FAILED, message, now, EndReason.INTERRUPTED)


def record_cancelled(
    repositories: Repositories,
    execution: ExecutionModel,
    artifacts: CalibDataSaver,
    message: str,
    *,
    now: datetime,
) -> ExecutionModel:
    """Record a run with its running and waiting tasks as cancelled; a run that has not started leaves the queue."""
    if execution.status is ExecutionStatus.SCHEDULED:
        repositories.of(QueueRepository).remove(execution.project_id, execution.execution_id)
    end_results(repositories, execution, TaskStatus.CANCELLED, message, artifacts, now)
    return end_unlocked(repositories, execution, ExecutionStatus.CANCELLED, message, now)


def cancel_resumption(
    repositories: Repositories, execution: ExecutionModel, message: str, *, now: datetime
) -> ExecutionModel:
    """Record an ended execution that waits to be resumed as cancelled, and remove it from the queue; its end stays."""
    changes = {
        "status": ExecutionStatus.CANCELLED,
        "message": message,
        "reason": EndReason.CANCELLED,
        "end_at": now,
        "updated_at": now,
    }
    repositories.of(QueueRepository).remove(execution.project_id, execution.execution_id)
    cancelled = execution.model_copy(update=changes)
    repositories.of(ExecutionRepository).replace(cancelled, was=execution.status)
    was_cancelled = execution.status is ExecutionStatus.CANCELLED
    repositories.of(EventRepository).append(
        make_execution_event(cancelled, "cancel_requested" if was_cancelled else ExecutionStatus.CANCELLED)
    )
    return cancelled


def end_results(
    repositories: Repositories,
    execution: ExecutionModel,
    running_become: TaskStatus,
    message: str,
    artifacts: CalibDataSaver,
    now: datetime,
) -> None:
    """End the unfinished results, and find raw data that were saved."""
    for result in repositories.of(TaskResultHistoryRepository).list_by_execution(
        execution.project_id, execution.execution_id
    ):
        if result.status.terminal:
            continue
        was, path = result.status, result.raw_data_file
        result.status = running_become if was is TaskStatus.RUNNING else TaskStatus.CANCELLED
        result.message, result.end_at, result.updated_at = message, now, now
        result.measurement_complete = False
        if artifacts.exists(path):
            result.set_raw_data([path], list_checksums(artifacts, path))
        repositories.of(TaskResultHistoryRepository).replace(result, was=was)
        repositories.of(EventRepository).append(make_task_event(result))


def end_unlocked(
    repositories: Repositories,
    execution: ExecutionModel,
    status: ExecutionStatus,
    message: str,
    now: datetime,
    reason: EndReason | None = None,
) -> ExecutionModel:
    """End the execution and remove its lock, so that a process that is still alive writes nothing more."""
    repositories.of(ExecutionLockRepository).remove(execution.hold)
    return end_execution(repositories, execution, status, message, now=now, reason=reason)


def request_resume(
    repositories: Repositories, execution: ExecutionModel, username: str, *, now: datetime
) -> ExecutionModel:
    """Record a user's request to resume an execution, which overrides earlier cancellations."""
    request = ResumeRequest(username=username, requested_at=now)
    requested = execution.model_copy(update={"resume_request": request})
    repositories.of(ExecutionRepository).replace(requested, was=execution.status)
    return requested


def can_be_cancelled(repositories: Repositories, execution: ExecutionModel) -> bool:
    """Return whether an execution is running, waits to run, or waits to be resumed."""
    if not execution.status.terminal:
        return True
    if execution.status is ExecutionStatus.COMPLETED:
        return False
    if execution.resume_request is not None:
        return True
    entry = repositories.of(QueueRepository).find(execution.project_id, execution.execution_id)
    return entry is not None and is_resumable(entry, execution, failed=True)


def leave_queue(repositories: Repositories, execution: ExecutionModel) -> ExecutionModel:
    """Remove the queue entry of an execution, and withdraw a request to resume that has not started."""
    repositories.of(QueueRepository).remove(execution.project_id, execution.execution_id)
    if execution.resume_request is None:
        return execution
    withdrawn = execution.model_copy(update={"resume_request": None})
    repositories.of(ExecutionRepository).replace(withdrawn, was=execution.status)
    return withdrawn
