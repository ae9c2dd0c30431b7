"""Runs: asked for, queued, performed, followed and cancelled, whoever asks."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.flows.saved import found
from qdash_core.hooks.runners import WorksInPool
from qdash_core.lease.presence import Presence
from qdash_core.models.base import utc_now
from qdash_core.models.project import ProjectRole
from qdash_core.progress import Unwatched
from qdash_core.runs.asking import done_already, require_rest
from qdash_core.runs.attending import Attended, ended_when_cancelled, until_its_end
from qdash_core.runs.brought import brought_to_its_end
from qdash_core.runs.cancelling import ask_to_cancel, cancel_execution
from qdash_core.runs.chip_schedules import schedule_of
from qdash_core.runs.following import Follower
from qdash_core.runs.interrupted import interrupted_runs
from qdash_core.runs.performing import perform
from qdash_core.runs.steps import prepared
from qdash_core.runs.submitting import Submissions, refuse_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.errors import QDashError
    from qdash_core.flows.checking import Foreseen
    from qdash_core.hooks.catalogue import Catalogue
    from qdash_core.hooks.runners import Stop
    from qdash_core.models.access import Access
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.request import RunRequest
    from qdash_core.models.task import TaskResultModel
    from qdash_core.progress import Progress
    from qdash_core.runs.chip_schedules import FoundSchedule, ScheduleRequest


_performing_here = threading.RLock()
"""A process runs one flow at a time, whatever its threads are asked for."""


class RunService(Submissions):
    """Runs of one store.

    Parameters
    ----------
    runtime : Runtime
        Open.
    """

    # -------------------------------------------------------------------------------------------------------- asked for

    def preview(self, access: Access, request: RunRequest, *, trusted_files: bool = True) -> Foreseen:
        """Return what a request would run on what, with the time that each stage is expected to take. Nothing is written.

        Parameters
        ----------
        trusted_files : bool
            See `submit`.

        Raises
        ------
        NotFoundError, InvalidInputError, MissingInputError
            If something that it names is not what it should be.
        """
        if not trusted_files:
            refuse_file(request)
        request = found(self._runtime, access.project_id, request.asked_by(access))
        if request.of_ones_own:
            raise InvalidInputError(f"--dry-run: what {request.flow} would run is known only to itself")
        calibration, targets, steps = prepared(self._runtime, request, ProjectRole.VIEWER)
        if request.since is None:
            return calibration.foresee(targets, steps)
        done = require_rest(self._runtime, access.project_id, request.since, chip_id=request.chip_id)
        return calibration.foresee(targets, steps, done={one.node for one in done})

    def catalogue(self, access: Access, chip_id: str, *, backend_name: str | None = None) -> Catalogue:
        """Return which tasks there are on a chip, and what its backend lacks for the others.

        Parameters
        ----------
        backend_name : str or None
            Instead of the chip's own.

        Raises
        ------
        NotFoundError
            If there is no such chip or backend.
        BackendError
            If the backend cannot tell what it offers.
        """
        return self._runtime.catalogue(access.project_id, chip_id, backend_name=backend_name)

    def schedule(self, access: Access, chip_id: str, asked: ScheduleRequest) -> FoundSchedule:
        """Return what of a chip would be measured together, in groups, with the proof of how few there could be.

        Raises
        ------
        NotFoundError, InvalidInputError
            If something that is named does not exist, or the rules do not fit the kind of targets or the chip.
        """
        return schedule_of(self._runtime, access.project_id, chip_id, asked)

    def done_already(self, access: Access, execution_id: str) -> list[TaskResultModel]:
        """Return what is not measured again of an execution that is gone on with; NotFoundError if there is none."""
        return done_already(self._runtime, access.project_id, execution_id)

    def interrupted(self, access: Access) -> list[ExecutionModel]:
        """Return the executions of a project whose process died, oldest first, as far as a runner was asked for them.

        One after which the same flow was run anew on the same chip is not among them: it has been superseded.
        """
        with self._runtime.store.read() as snapshot:
            return interrupted_runs(snapshot, access.project_id, utc_now())

    # -------------------------------------------------------------------------------------------------------- performed

    def run(
        self,
        access: Access,
        request: RunRequest,
        *,
        progress: Progress | None = None,
        wait: bool = True,
        waiting: Callable[[str], None] = lambda _why: None,
    ) -> ExecutionModel:
        """Submit a request, wait for its turn, perform it by the runner, and return the ended execution.

        Parameters
        ----------
        access : Access
            Who asks, and in which project; AccessDeniedError if the request names others.
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
        if self._brought_to_workers:
            execution = self.submit(access, request, wait=wait).execution
            return self._brought(access, execution, progress, waiting)
        with (
            self._present(access.username) as presence,
            until_its_end(self._runtime, self.queue, presence.owner),
        ):
            execution = self.submit(access, request, waiter=presence.owner, wait=wait).execution
            return self._attended(execution, presence.owner, progress, waiting, wait=wait)

    def resume(
        self,
        access: Access,
        execution_id: str,
        *,
        progress: Progress | None = None,
        wait: bool = True,
        waiting: Callable[[str], None] = lambda _why: None,
    ) -> ExecutionModel:
        """Go on with an execution when its chip is free, and return it when it has ended. As `run`."""
        if self._brought_to_workers:
            execution = self.submit_resume(access, execution_id, wait=wait).execution
            return self._brought(access, execution, progress, waiting)
        with (
            self._present(access.username) as presence,
            until_its_end(self._runtime, self.queue, presence.owner),
        ):
            execution = self.submit_resume(access, execution_id, waiter=presence.owner, wait=wait).execution
            return self._attended(execution, presence.owner, progress, waiting, wait=wait)

    def perform(
        self,
        project_id: str,
        execution_id: str,
        progress: Progress | None = None,
        *,
        stuck: Callable[[QDashError], None] = lambda _error: None,
        alone: bool = True,
    ) -> ExecutionModel:
        """Run a scheduled execution, or go on with one that has ended, in this process, and return it when it has ended.

        It is checked once more: chip and plugins may have changed while it waited.

        Parameters
        ----------
        progress : Progress or None
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
        execution = self._runtime.record.find(project_id, execution_id)
        return perform(self._runtime, execution, progress or Unwatched(), stuck=stuck, alone=alone)

    def have_performed(self, execution: ExecutionModel, progress: Progress, stop: Stop) -> None:
        """Have the runner perform an execution, to its end. Raises as `Runner.perform`.

        Where another process could not see the same, because the store lies in memory or plugins were handed over by a
        program, it is performed in this one.
        """
        runtime = self._runtime
        if runtime.shared:
            runner = runtime.registry.runner(runtime.settings.runner)
            with ended_when_cancelled(runtime, execution, stop):
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
        have_performed = partial(self.have_performed, execution, progress or Unwatched())
        Attended(self._runtime, self.queue, execution, waiter, have_performed).run(wait=wait, waiting=waiting)
        return self._runtime.record.last_of_flow(execution)

    @property
    def _brought_to_workers(self) -> bool:
        """Whether workers alone perform what the runner in use performs."""
        runtime = self._runtime
        return runtime.shared and isinstance(runtime.registry.runner(runtime.settings.runner), WorksInPool)

    def _brought(
        self,
        access: Access,
        execution: ExecutionModel,
        progress: Progress | None,
        waiting: Callable[[str], None],
    ) -> ExecutionModel:
        return brought_to_its_end(
            self._runtime,
            execution,
            follow=partial(self.follow, access, execution.execution_id, progress, waiting=waiting),
            cancel=partial(self.cancel, access, execution.execution_id),
        )

    def _present(self, username: str) -> Presence:
        ttl_s = self._runtime.settings.lease_ttl_s
        return Presence(self._runtime.store, "command", ttl_s=ttl_s, username=username)

    # --------------------------------------------------------------------------------------------------------- followed

    def cancel(self, access: Access, execution_id: str, *, wait: bool = True) -> ExecutionModel:
        """Cancel an execution, and return it when it has ended; one that waits is taken out of the queue.

        Parameters
        ----------
        wait : bool
            False: its process is asked, and it is returned at once. What nobody performs has ended then; what does not heed
            is stopped by its own process and by the worker, after `cancel_grace_s`.

        Raises
        ------
        NotFoundError
            If there is no such execution.
        IllegalTransitionError
            If it has ended already.
        LockedError
            If it is waited for, and its process neither answers nor can be killed from here.
        """
        access.require(ProjectRole.EDITOR)
        cancelled = cancel_execution if wait else ask_to_cancel
        return cancelled(self._runtime, access.project_id, execution_id, access.username)

    def follow(
        self,
        access: Access,
        execution_id: str,
        progress: Progress | None = None,
        *,
        waiting: Callable[[str], None] = lambda _why: None,
    ) -> ExecutionModel:
        """Tell of a run what has happened and what happens, and return it when it has ended.

        Parameters
        ----------
        progress : Progress or None
            Told of every plan and result.
        waiting : callable
            Told in words what it waits for, whenever that changes.

        Raises
        ------
        NotFoundError
            If there is no such execution.
        """
        watcher = progress or Unwatched()
        return Follower(self._runtime, self.queue, access.project_id, execution_id, watcher).follow(waiting)

    def wait(self, access: Access, execution_id: str) -> ExecutionModel:
        """Return an execution when it has ended."""
        return self.follow(access, execution_id)
