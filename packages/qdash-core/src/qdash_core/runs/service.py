"""Runs: asked for, queued, performed, followed and cancelled, whoever asks."""

from __future__ import annotations

import threading
from contextlib import suppress
from functools import cached_property, partial
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError, LockedError, QDashError
from qdash_core.flows.cancellation import is_cancellation
from qdash_core.flows.own import check_file
from qdash_core.lease.presence import Presence
from qdash_core.models.execution import EndReason, ExecutionStatus
from qdash_core.progress import Unwatched
from qdash_core.record.config import CalibConfig, FlowMark
from qdash_core.repositories.repositories import Repositories
from qdash_core.runs.attending import Attended
from qdash_core.runs.cancelling import cancel_execution
from qdash_core.runs.following import Follower
from qdash_core.runs.logs import Logged, RunLog, listened_to
from qdash_core.runs.performing import message_of, run_own, run_to_end
from qdash_core.runs.queue import RunQueue
from qdash_core.runs.steps import check_single, prepared
from qdash_core.session.flow_run import RESUME_VARIABLE, FlowRunIdentity, entered, new_flow_run_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.flows.checking import Foreseen
    from qdash_core.hooks.runners import Stop
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.request import RunRequest
    from qdash_core.progress import Progress
    from qdash_core.runtime import Runtime


_performing_here = threading.RLock()
"""A process runs one flow at a time, whatever its threads are asked for."""


class RunService:
    """Runs of one store.

    Parameters
    ----------
    runtime : Runtime
        Open.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    @cached_property
    def queue(self) -> RunQueue:
        """Runs that wait for their chip, and those that are performed."""
        return RunQueue(self._runtime)

    # -------------------------------------------------------------------------------------------------------- asked for

    def preview(self, request: RunRequest) -> Foreseen:
        """Return what a request would run on what, with the time that each stage is expected to take. Nothing is written.

        Raises
        ------
        NotFoundError, InvalidInputError, MissingInputError
            If something that it names is not what it should be.
        """
        if request.of_ones_own:
            raise InvalidInputError(f"--dry-run: what {request.flow} would run is known only to itself")
        calibration, targets, steps = prepared(self._runtime, request)
        return calibration.foresee(targets, steps)

    def submit(self, request: RunRequest, *, waiter: str = "") -> ExecutionModel:
        """Check a request, record it as a scheduled execution, and put that at the end of the queue.

        Parameters
        ----------
        waiter : str
            The presence of the process that performs it when it is its turn; empty: a worker does.

        Raises
        ------
        NotFoundError, InvalidInputError, MissingInputError
            If something that it names is not what it should be. Nothing has been written then.
        """
        project_id = self._runtime.projects.require_editor(request.username, request.project_id)
        request = self._checked(project_id, request)
        instrument = self.instrument_of(project_id, request)
        config = CalibConfig(
            username=request.username,
            chip_id=request.chip_id or "",
            project_id=project_id,
            name=request.flow,
            tags=request.tags,
            backend_name=request.backend_name,
        )
        flow = FlowMark(new_flow_run_id(), request=request.model_copy(update={"project_id": project_id}))
        return self._runtime.executions.schedule(
            project_id,
            config,
            flow,
            also=lambda repositories, execution: self.queue.enter(
                repositories,
                execution,
                instrument=instrument,
                username=request.username,
                waiter=waiter,
            ),
        )

    def submit_resume(
        self, project_id: str, execution_id: str, *, username: str, waiter: str = ""
    ) -> ExecutionModel:
        """Put an execution that failed, was cancelled or was interrupted at the end of the queue, to go on. As `submit`.

        Raises
        ------
        NotFoundError, InvalidInputError
            If there is no such execution, it cannot be resumed, or nobody has asked a runner for it.
        """
        self._runtime.projects.require_editor(username, project_id)
        self.queue.sweep()
        self._runtime.executions.end_interrupted(project_id)
        execution = self._runtime.executions.find(project_id, execution_id)
        request = self.request_of(execution)
        config = CalibConfig(
            username=username, chip_id=execution.chip_id, execution_id=execution_id, resume=True
        )
        self._runtime.executions.require_resumable(project_id, config)
        instrument = self.instrument_of(project_id, request)
        with self._runtime.store.transaction() as transaction:
            self.queue.enter(
                Repositories(transaction), execution, instrument=instrument, username=username, waiter=waiter
            )
        return execution

    def rerun(self, project_id: str, execution_id: str, *, username: str) -> RunRequest:
        """Return the request that runs again what did not complete in an execution: what failed, and what that held up.

        Raises
        ------
        NotFoundError, InvalidInputError
            If there is no such execution, or nobody has asked a runner for it.
        """
        execution = self._runtime.executions.find(project_id, execution_id)
        request = self.request_of(execution)
        if request.of_ones_own:
            raise InvalidInputError(
                f"execution {execution_id} is one of {request.flow}: `qdash executions resume {execution_id}` goes on with it"
            )
        return request.model_copy(
            update={"since": execution_id, "project_id": project_id, "username": username}
        )

    def interrupted(self, project_id: str) -> list[ExecutionModel]:
        """Return the executions of a project whose process died, oldest first, as far as a runner was asked for them.

        One after which the same flow was run anew on the same chip is not among them: it has been superseded.
        """
        asked = [
            one for one in self._runtime.repositories.executions.newest(project_id) if one.request is not None
        ]
        newest = {_alike(one): one for one in reversed(asked)}
        return [
            one
            for one in reversed(asked)
            if newest[_alike(one)] is one
            and (one.reason is EndReason.INTERRUPTED or self._runtime.executions.is_interrupted(one))
        ]

    @staticmethod
    def request_of(execution: ExecutionModel) -> RunRequest:
        """Return what was asked for.

        Raises
        ------
        InvalidInputError
            If no runner was asked for it: then whoever ran it has to run it again.
        """
        if execution.request is None:
            raise InvalidInputError(
                f"execution {execution.execution_id} was not begun by a runner: run its program again, as in "
                f"`{RESUME_VARIABLE}={execution.execution_id} python my_flow.py`"
            )
        return execution.request

    def instrument_of(self, project_id: str, request: RunRequest) -> str:
        """Return what a request has to have for itself; empty where only the flow knows its chip."""
        if request.chip_id is None:
            return ""
        return self._runtime.instrument_of(project_id, request.chip_id, backend_name=request.backend_name)

    def _checked(self, project_id: str, request: RunRequest) -> RunRequest:
        if request.since is not None:
            since = self._runtime.executions.find(project_id, request.since)
            if since.chip_id != request.chip_id:
                raise InvalidInputError(
                    f"execution {request.since} is one of chip {since.chip_id}, not of {request.chip_id}"
                )
        if request.of_ones_own:
            check_file(request.flow)
            if request.chip_id is not None:
                self._runtime.chips.show(project_id, request.chip_id)
            return request
        if request.single is not None:
            request = check_single(self._runtime, project_id, request)
        calibration, targets, steps = prepared(self._runtime, request)
        calibration.check(targets, steps)
        return request

    # -------------------------------------------------------------------------------------------------------- performed

    def run(
        self,
        request: RunRequest,
        *,
        progress: Progress | None = None,
        wait: bool = True,
        waiting: Callable[[str], None] = lambda _why: None,
    ) -> ExecutionModel:
        """Submit a request, wait for its turn, perform it by the runner, and return the ended execution.

        Parameters
        ----------
        progress : Progress or None
            Told of every plan and result.
        wait : bool
            Whether to wait while its chip is in use. False: it is refused then.
        waiting : callable
            Told in words what it waits for, whenever that changes.

        Raises
        ------
        LockedError
            If its chip is in use and it does not wait. Nothing has been written then.
        KeyboardInterrupt
            After it has been recorded as cancelled; says which.
        QDashError
            As `submit`, and whatever stopped it.
        """
        project_id = self._runtime.projects.require_editor(request.username, request.project_id)
        with self._present(request.username) as presence:
            if not wait:
                self._checked(project_id, request)
                self._refuse_if_in_use(project_id, request)
            execution = self.submit(request, waiter=presence.owner)
            return self._attended(execution, presence.owner, progress, waiting, wait=wait)

    def resume(
        self,
        project_id: str,
        execution_id: str,
        *,
        username: str,
        progress: Progress | None = None,
        wait: bool = True,
        waiting: Callable[[str], None] = lambda _why: None,
    ) -> ExecutionModel:
        """Go on with an execution when its chip is free, and return it when it has ended. As `run`."""
        with self._present(username) as presence:
            if not wait:
                execution = self._runtime.executions.find(project_id, execution_id)
                self._refuse_if_in_use(project_id, self.request_of(execution))
            execution = self.submit_resume(project_id, execution_id, username=username, waiter=presence.owner)
            return self._attended(execution, presence.owner, progress, waiting, wait=wait)

    def perform(
        self,
        project_id: str,
        execution_id: str,
        progress: Progress,
        *,
        stuck: Callable[[QDashError], None] = lambda _error: None,
        alone: bool = True,
    ) -> ExecutionModel:
        """Run a scheduled execution, or go on with one that has ended, in this process, and return it when it has ended.

        Parameters
        ----------
        progress : Progress
            Told of every plan and result.
        stuck : callable
            See `FlowRunIdentity`.
        alone : bool
            Whether this process is there for the run alone: what it prints is kept with the run then.

        Raises
        ------
        LockedError
            If its chip is in use: then it is what it was.
        KeyboardInterrupt, QDashError
            As `run_to_end`; what it was refused for before it began has been recorded.
        """
        execution = self._runtime.executions.find(project_id, execution_id)
        request = self.request_of(execution)
        if self._was_cancelled_before_it_began(execution):
            raise KeyboardInterrupt(f"execution {execution_id} is cancelled")
        begins = execution.status is ExecutionStatus.SCHEDULED
        identity = FlowRunIdentity(
            execution.flow_run_id or new_flow_run_id(),
            resumed=None if begins else execution_id,
            scheduled=execution_id if begins else None,
            request=request,
            stuck=stuck,
        )
        with RunLog(lambda: self._runtime.repositories, project_id, execution_id) as log:
            identity.progress = Logged(progress, log)
            with listened_to(log, streams=alone), entered(identity):
                try:
                    if request.of_ones_own:
                        return run_own(self._runtime, request, identity)
                    return run_to_end(*prepared(self._runtime, request))
                except BaseException as error:
                    self._note_end(execution, error, identity)
                    raise

    def _was_cancelled_before_it_began(self, execution: ExecutionModel) -> bool:
        """Whether somebody has cancelled a run just before it was performed. One that is to be resumed is in the queue."""
        if execution.status is not ExecutionStatus.CANCELLED or execution.start_at is not None:
            return False
        return self.queue.find(execution.project_id, execution.execution_id) is None

    def _note_end(self, execution: ExecutionModel, error: BaseException, identity: FlowRunIdentity) -> None:
        """Record what ended a run before it had begun; KeyboardInterrupt says which run was cancelled."""
        where = execution.project_id, execution.execution_id
        if identity.abandoned is None and not isinstance(error, LockedError):
            with suppress(QDashError):
                if is_cancellation(error):
                    self._runtime.executions.cancel_scheduled(*where, "cancelled")
                else:
                    self._runtime.executions.refuse(*where, message_of(error))
        if is_cancellation(error):
            # Where it came while a session began, that has been ended already, and only the record knows which it was.
            with suppress(QDashError):
                last = self._runtime.executions.last_of_flow(execution)
                if last.status is ExecutionStatus.CANCELLED:
                    raise KeyboardInterrupt(f"execution {last.execution_id} is cancelled") from error

    def have_performed(self, execution: ExecutionModel, progress: Progress, stop: Stop) -> None:
        """Have the runner perform an execution, to its end. Raises as `Runner.perform`.

        Where another process could not see the same, because the store lies in memory or plugins were handed over by a
        program, it is performed in this one.
        """
        runtime = self._runtime
        if runtime.store.shared and runtime.registry.found_anywhere:
            runner = runtime.registry.runner(runtime.settings.runner)
            runner.perform(execution, settings=runtime.settings, progress=progress, stop=stop)
        else:
            with _performing_here:
                self.perform(execution.project_id, execution.execution_id, progress, alone=False)

    def _attended(
        self,
        execution: ExecutionModel,
        waiter: str,
        progress: Progress | None,
        waiting: Callable[[str], None],
        *,
        wait: bool,
    ) -> ExecutionModel:
        perform = partial(self.have_performed, execution, progress or Unwatched())
        Attended(self._runtime, self.queue, execution, waiter, perform).run(wait=wait, waiting=waiting)
        return self._runtime.executions.last_of_flow(execution)

    def _present(self, username: str) -> Presence:
        ttl_s = self._runtime.settings.lease_ttl_s
        return Presence(self._runtime.store, "command", ttl_s=ttl_s, username=username)

    def _refuse_if_in_use(self, project_id: str, request: RunRequest) -> None:
        instrument = self.instrument_of(project_id, request)
        self.queue.require_turn(project_id, request.chip_id or "", instrument)

    # --------------------------------------------------------------------------------------------------------- followed

    def cancel(self, project_id: str, execution_id: str, *, username: str) -> ExecutionModel:
        """Cancel an execution, and return it when it has ended; one that waits is taken out of the queue."""
        return cancel_execution(self._runtime, project_id, execution_id, username)

    def follow(
        self,
        project_id: str,
        execution_id: str,
        progress: Progress,
        *,
        waiting: Callable[[str], None] = lambda _why: None,
    ) -> ExecutionModel:
        """Tell of a run what has happened and what happens, and return it when it has ended.

        Parameters
        ----------
        progress : Progress
            Told of every plan and result.
        waiting : callable
            Told in words what it waits for, whenever that changes.

        Raises
        ------
        NotFoundError
            If there is no such execution.
        """
        return Follower(self._runtime, self.queue, project_id, execution_id, progress).follow(waiting)

    def wait(self, project_id: str, execution_id: str) -> ExecutionModel:
        """Return an execution when it has ended."""
        return self.follow(project_id, execution_id, Unwatched())


def _alike(execution: ExecutionModel) -> tuple[object, ...]:
    """Return what two executions share of which the newer one takes the place of the older."""
    single = None if execution.request is None else execution.request.single
    return execution.chip_id, execution.name, single
