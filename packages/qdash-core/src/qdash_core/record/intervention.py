"""Executions that somebody else than their own process ends: found dead, asked to end, cancelled, or refused."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from qdash_core.errors import IllegalTransitionError
from qdash_core.models.base import utc_now
from qdash_core.models.execution import CancelRequest, EndReason, ExecutionModel, ExecutionStatus
from qdash_core.record import outside
from qdash_core.record.endings import end_execution, execution_event
from qdash_core.record.outside import orphans
from qdash_core.record.reading import RecordedExecutions, existing
from qdash_core.record.resumption import can_be_cancelled, request_resume
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from datetime import datetime

    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.models.marks import Mark
    from qdash_core.repositories.store import Store


class Interventions(RecordedExecutions):
    """Ends executions of one store from any process.

    Parameters
    ----------
    store : Store
        Where they are kept.
    artifacts : CalibDataSaver
        Where raw data are kept.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(
        self,
        store: Store,
        artifacts: CalibDataSaver,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        super().__init__(store, clock=clock)
        self._artifacts = artifacts

    @contextmanager
    def _changing(self, project_id: str, execution_id: str) -> Iterator[tuple[Repositories, ExecutionModel]]:
        """Begin a transaction that changes an execution; NotFoundError if there is none."""
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            yield repositories, existing(repositories, project_id, execution_id)

    def end_interrupted(self, project_id: str, gone: Collection[Mark] = ()) -> list[ExecutionModel]:
        """Record every run of a project whose process died as failed: what ran has failed, what waited is cancelled.

        A run is left alone as long as there is a lease for it whose holder may live, whichever chip it is for. Raw data
        that were saved before a process died are found again, and its lease is freed.

        Parameters
        ----------
        gone : collection of Mark
            Leases of other hosts that somebody has watched for as long as they live without being renewed.

        Returns
        -------
        list of ExecutionModel
            What was ended.
        """
        now = self._clock()
        with self._store.read() as snapshot:
            if not orphans(Repositories(snapshot), project_id, now, gone):
                return []
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            return [
                outside.end_interrupted(repositories, execution, self._artifacts, now=now)
                for execution in orphans(repositories, project_id, now, gone)
            ]

    def request_cancel(self, project_id: str, execution_id: str, username: str) -> ExecutionModel:
        """Record that somebody cancels an execution. What does not run is cancelled at once, and leaves the queue.

        From then on no automatic resume runs it: only a person's later resume does. The process that runs it looks for
        the request, and ends it.

        Raises
        ------
        NotFoundError
            If there is no such execution.
        IllegalTransitionError
            If it has ended, and does not wait to be resumed.
        """
        now = self._clock()
        with self._changing(project_id, execution_id) as (repositories, execution):
            if not can_be_cancelled(repositories, execution):
                raise IllegalTransitionError(
                    f"execution {execution_id} is {execution.status}: there is nothing to cancel"
                )
            if execution.status is ExecutionStatus.RUNNING and execution.cancel_stands:
                return execution  # the first request counts
            request = CancelRequest(username=username, requested_at=now)
            changes = {"cancel_request": request, "resume_request": None, "updated_at": now}
            requested = execution.model_copy(update=changes)
            message = f"cancelled by {username}"
            if execution.status.terminal:
                return outside.cancel_resumption(repositories, requested, message, now=now)
            if execution.status is ExecutionStatus.SCHEDULED:
                return outside.cancel(repositories, requested, self._artifacts, message, now=now)
            repositories.executions.replace(requested, was=execution.status)
            repositories.events.append(execution_event(requested, "cancel_requested"))
        return requested

    def request_resume(self, project_id: str, execution_id: str, username: str) -> ExecutionModel:
        """Record that a person asks to resume an execution, which a cancel made before does not prevent any more.

        Raises
        ------
        NotFoundError
            If there is no such execution.
        """
        with self._changing(project_id, execution_id) as (repositories, execution):
            return request_resume(repositories, execution, username, now=self._clock())

    def cancel_scheduled(self, project_id: str, execution_id: str, message: str) -> ExecutionModel:
        """Cancel an execution that has not begun, and remove it from the queue; any other is returned as it is.

        Raises
        ------
        NotFoundError
            If there is no such execution.
        """
        with self._changing(project_id, execution_id) as (repositories, execution):
            if execution.status is not ExecutionStatus.SCHEDULED:
                return execution
            return outside.cancel(repositories, execution, self._artifacts, message, now=self._clock())

    def cancel_from_outside(
        self, project_id: str, execution_id: str, message: str = "cancelled"
    ) -> ExecutionModel:
        """Cancel an execution whose process was killed or does not answer; one that has ended stays as it is.

        What ran or waited becomes cancelled, with the raw data that exist; what had ended stays. The lease is removed,
        so that a process that lives after all writes nothing more.

        Raises
        ------
        NotFoundError
            If there is no such execution.
        """
        with self._changing(project_id, execution_id) as (repositories, execution):
            if execution.status.terminal:
                return execution
            return outside.cancel(repositories, execution, self._artifacts, message, now=self._clock())

    def note_flow_run(self, project_id: str, execution_id: str, flow_run_id: str) -> ExecutionModel:
        """Note by which flow run of its runner's service an execution is brought: it is found by that id, too, and by its own.

        What runs is returned as it is: something else has brought it.

        Raises
        ------
        NotFoundError
            If there is no such execution.
        """
        with self._changing(project_id, execution_id) as (repositories, execution):
            if execution.status is ExecutionStatus.RUNNING:
                return execution
            changes = {"brought_as": flow_run_id, "updated_at": self._clock()}
            noted = execution.model_copy(update=changes)
            repositories.executions.replace(noted, was=execution.status)
        return noted

    def refuse(self, project_id: str, execution_id: str, message: str) -> ExecutionModel:
        """Record as failed what was scheduled and could not begin; anything else stays as it is.

        Raises
        ------
        NotFoundError
            If there is no such execution.
        """
        now = self._clock()
        with self._changing(project_id, execution_id) as (repositories, execution):
            if execution.status is not ExecutionStatus.SCHEDULED:
                return execution
            running = execution.model_copy(update={"status": ExecutionStatus.RUNNING, "start_at": now})
            repositories.executions.replace(running, was=ExecutionStatus.SCHEDULED)
            repositories.events.append(execution_event(running, "running"))
            repositories.queue.remove(project_id, execution_id)
            status, reason = ExecutionStatus.FAILED, EndReason.REFUSED
            return end_execution(repositories, running, status, message, now=now, reason=reason)
