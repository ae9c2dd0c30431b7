"""Runs are asked for: checked, recorded as scheduled, and put into the queue, once for each key."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.models.base import utc_now
from qdash_core.models.project import ProjectRole
from qdash_core.record.config import CalibConfig, FlowMark
from qdash_core.record.reading import existing
from qdash_core.record.resumption import request_resume
from qdash_core.repositories.repositories import Repositories
from qdash_core.runs.asking import checked, request_of
from qdash_core.runs.once import Once
from qdash_core.runs.queue import RunQueue
from qdash_core.runs.submission import Submission
from qdash_core.session.flow_run import new_flow_run_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from qdash_core.models.access import Access
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.request import RunRequest
    from qdash_core.runtime import Runtime

    Also = Callable[[Repositories, ExecutionModel], object]


def _nothing(_repositories: Repositories, _execution: ExecutionModel) -> None:
    """Nothing follows."""


class Submissions:
    """Puts runs of one store into its queue.

    Parameters
    ----------
    runtime : Runtime
        Open.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    @cached_property
    def queue(self) -> RunQueue:
        """The queue, as those keep it who submit and perform runs."""
        return RunQueue(self._runtime)

    def submit(
        self,
        access: Access,
        request: RunRequest,
        *,
        waiter: str = "",
        wait: bool = True,
        key: str | None = None,
        begin_before: datetime | None = None,
        also: Also = _nothing,
        trusted_files: bool = True,
    ) -> Submission:
        """Check a request, record it as a scheduled execution, and put that at the end of the queue.

        Parameters
        ----------
        access : Access
            Who asks, and in which project; AccessDeniedError if the request names others.
        waiter : str
            The presence of the process that performs it when it is its turn; empty: a worker does.
        wait : bool
            Whether it may have to wait. False: it is refused while its chip is in use, or another run comes before it.
        key : str or None
            Asked for again under the same key, as long as events are kept, it is the same execution. None: another one.
        begin_before : datetime or None
            When it has not begun by then, it is taken out of the queue and begun by nobody. None: it waits.
        also : callable
            Writes, within the transaction in which it is recorded, what follows from that; what it raises undoes both.
        trusted_files : bool
            Whether it may name a file of this machine: who asks over a network may not.

        Raises
        ------
        NotFoundError, InvalidInputError, MissingInputError
            If something that it names is not what it should be. Nothing has been written then.
        LockedError
            If it would have to wait and may not. Nothing has been written then.
        ConflictError
            If the key stands for another request.
        """
        access.require(ProjectRole.EDITOR)
        if not trusted_files:
            refuse_file(request)
        request = request.asked_by(access)
        once = Once(self._runtime, access, key, request.model_dump(mode="json", exclude_defaults=True))

        def enter(repositories: Repositories, execution: ExecutionModel, instrument: str) -> None:
            once.keep(repositories, execution.execution_id)
            self.queue.enter(
                repositories,
                execution,
                instrument=instrument,
                username=access.username,
                waiter=waiter,
                begin_before=begin_before,
            )
            also(repositories, execution)

        execution, replayed = once.begin(lambda: self._recorded(access, request, enter, wait=wait))
        return self._submission(execution, replayed=replayed)

    def submit_resume(
        self,
        access: Access,
        execution_id: str,
        *,
        waiter: str = "",
        wait: bool = True,
        key: str | None = None,
    ) -> Submission:
        """Put an execution that failed, was cancelled or was interrupted at the end of the queue, to go on. As `submit`.

        Raises
        ------
        NotFoundError, InvalidInputError
            If there is no such execution, it cannot be resumed, or nobody has asked a runner for it.
        LockedError
            If it would have to wait and may not.
        ConflictError
            If the key stands for another request.
        """
        access.require(ProjectRole.EDITOR)
        once = Once(self._runtime, access, key, {"resume": execution_id})
        execution, replayed = once.begin(
            lambda: self._put_back(access, execution_id, once, waiter=waiter, wait=wait)
        )
        return self._submission(execution, replayed=replayed)

    def submit_rerun(self, access: Access, execution_id: str, *, key: str | None = None) -> Submission:
        """Submit what `rerun` returns. Raises as both."""
        access.require(ProjectRole.EDITOR)
        return self.submit(access, self.rerun(access, execution_id), key=key)

    def rerun(self, access: Access, execution_id: str) -> RunRequest:
        """Return the request that runs again what did not complete in an execution: what failed, and what that held up.

        Raises
        ------
        NotFoundError, InvalidInputError
            If there is no such execution, or nobody has asked a runner for it.
        """
        execution = self._runtime.record.find(access.project_id, execution_id)
        request = request_of(execution)
        if request.of_ones_own:
            raise InvalidInputError(
                f"execution {execution_id} is one of {request.flow}: `qdash executions resume {execution.named}` goes on with it"
            )
        return request.model_copy(
            update={"username": access.username, "project_id": access.project_id, "since": execution_id}
        )

    def _recorded(
        self,
        access: Access,
        request: RunRequest,
        enter: Callable[[Repositories, ExecutionModel, str], None],
        *,
        wait: bool,
    ) -> ExecutionModel:
        project_id = access.project_id
        self.queue.sweep()
        request = checked(self._runtime, project_id, request)
        instrument = self._instrument_of(project_id, request)
        if not wait:
            self.queue.require_turn(project_id, request.chip_id or "", instrument)
        config = CalibConfig(
            username=access.username,
            chip_id=request.chip_id or "",
            project_id=project_id,
            name=request.flow,
            tags=request.tags,
            backend_name=request.backend_name,
        )
        flow = FlowMark(new_flow_run_id(), request=request)
        return self._runtime.record.schedule(
            project_id,
            config,
            flow,
            also=lambda repositories, execution: enter(repositories, execution, instrument),
        )

    def _put_back(
        self, access: Access, execution_id: str, once: Once, *, waiter: str, wait: bool
    ) -> ExecutionModel:
        project_id = access.project_id
        self.queue.sweep()
        self.queue.watch(project_id, execution_id)
        self._runtime.record.end_interrupted(project_id)
        execution = self._runtime.record.find(project_id, execution_id)
        request = request_of(execution)
        config = CalibConfig(
            username=access.username, chip_id=execution.chip_id, execution_id=execution_id, resume=True
        )
        self._runtime.record.require_resumable(project_id, config)
        instrument = self._instrument_of(project_id, request)
        if not wait:
            self.queue.require_turn(project_id, execution.chip_id, instrument)
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            once.keep(repositories, execution_id)
            self.queue.enter(
                repositories, execution, instrument=instrument, username=access.username, waiter=waiter
            )
            found = existing(repositories, project_id, execution_id)
            return request_resume(repositories, found, access.username, now=utc_now())

    def _submission(self, execution: ExecutionModel, *, replayed: bool) -> Submission:
        entry, n_workers, waits_for = self.queue.standing(execution.project_id, execution.execution_id)
        waits = entry is not None and entry.detached and not entry.performer
        return Submission(execution, replayed, n_workers, waits, waits_for)

    def _instrument_of(self, project_id: str, request: RunRequest) -> str:
        """Return what a request has to have for itself; empty where only the flow knows its chip."""
        if request.chip_id is None:
            return ""
        return self._runtime.instrument_of(project_id, request.chip_id, backend_name=request.backend_name)


def refuse_file(request: RunRequest) -> None:
    """Refuse with InvalidInputError a request that names a file of this machine."""
    if request.names_file:
        raise InvalidInputError(
            f"flow {request.flow!r} names a file of the host's machine: save the flow (`qdash flow save FILE.py`), and ask for it "
            "by its name"
        )
