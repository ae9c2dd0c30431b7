"""Service for runs: preview, run, resume, perform, follow and cancel."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from qdash_builtin.runs.followers import Follower, RunChanges, raise_if_stopped, read_changes
from qdash_builtin.runs.foreground import ForegroundRun, empty_queue_at_end
from qdash_builtin.runs.performer import RunPerformer
from qdash_builtin.runs.previews import PreviewedFlowSource, preview_steps
from qdash_builtin.runs.request_validation import (
    refuse_file,
    refuse_inputs,
    require_unfinished,
    require_used_strategies,
)
from qdash_builtin.runs.submission import SubmissionService
from qdash_core.errors import InvalidInputError, QDashError
from qdash_core.flows.user_flow_source import pin_user_flow
from qdash_core.hooks.runners import PoolRunner
from qdash_core.locks.presence import ProcessRegistration
from qdash_core.models.progress import SilentProgress
from qdash_core.models.project import ProjectRole
from qdash_core.record.run_attempts import make_interrupt
from qdash_core.runs.run_preparation import list_completed_results, prepare_run

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_builtin.runs.previews import RunPreview
    from qdash_builtin.runs.submission import Submission
    from qdash_core.hooks.catalogue import Catalogue
    from qdash_core.models.access import Access
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.progress import Progress
    from qdash_core.models.request import RunRequest
    from qdash_core.models.task import TaskResultModel
    from qdash_core.runtime.runtime import Runtime


class RunService(RunPerformer):
    """Service for the runs of one store; `queue` has the waiting runs, `submissions` adds runs."""

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(runtime)
        self.submissions = SubmissionService(runtime, self.queue)

    # ---------------------------------------------------------------------------------------------------------- looked at

    def preview(
        self, access: Access, request: RunRequest, *, trusted_files: bool = True, alone: bool = False
    ) -> RunPreview:
        """Return the tasks and targets of a request, with the expected duration of each stage. Nothing is written.

        The function of a user's flow is called in this process, with calibrations that measure and write nothing.
        Without `trusted_files` files are refused and nothing of it is run: the preview is what the text of its source
        tells.

        Parameters
        ----------
        alone : bool
            Whether this process makes only this preview. Calibrations of a user's flow then measure and write nothing until the process
            exits; otherwise its threads and exit handlers measure after the return of this method.

        Raises
        ------
        NotFoundError, InvalidInputError, MissingInputError
            If something in the request does not exist or does not fit.
        FlowError
            If the function of a user's flow fails before its first run.
        """
        if not trusted_files:
            refuse_file(request)
        request, source = pin_user_flow(self._runtime, access.project_id, request.with_access(access))
        if source is not None:
            refuse_inputs(request)
            if not isinstance(source, PreviewedFlowSource):
                raise InvalidInputError(f"the feature that runs {request.flow} does not preview its flows")
            return source.preview(
                self._runtime, access.project_id, request, trusted_files=trusted_files, alone=alone
            )
        calibration, targets, steps = prepare_run(self._runtime, request, ProjectRole.VIEWER)
        done = None
        if request.since is not None:
            finished = require_unfinished(
                self._runtime, access.project_id, request.since, chip_id=request.chip_id
            )
            done = {one.node for one in finished}
        preview = preview_steps(calibration, targets, steps, done=done)
        require_used_strategies(self._runtime, request, preview.kinds)
        return preview

    def get_catalogue(self, access: Access, chip_id: str, *, backend_name: str | None = None) -> Catalogue:
        """Return the tasks that are available on a chip, and the reasons why others are not.

        `backend_name` is None for the chip's own backend.

        Raises
        ------
        NotFoundError
            If there is no such chip or backend.
        BackendError
            If the backend cannot list its abilities.
        """
        return self._runtime.get_catalogue(access.project_id, chip_id, backend_name=backend_name)

    def list_completed_results(self, access: Access, execution_id: str) -> list[TaskResultModel]:
        """Return the results that a resume does not measure again; raise NotFoundError if there is no such execution."""
        return list_completed_results(self._runtime, access.project_id, execution_id)

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
        """Submit a request, wait for its turn, perform it with the runner, and return the ended execution.

        Parameters
        ----------
        access : Access
            User and project; AccessDeniedError if the request names others.
        wait : bool
            Whether to wait while the chip's instrument is in use; otherwise the run is refused.
        waiting : callable
            Receives a sentence with the reason for the wait whenever it changes.

        Raises
        ------
        LockedError
            If the instrument is in use and `wait` is False. Nothing was written.
        KeyboardInterrupt
            After the cancellation was recorded; names the run.
        QDashError
            As for `SubmissionService.submit`, and any error that ended the run.
        """
        return self._wait_for(
            access,
            lambda waiter: self.submissions.submit(access, request, waiter=waiter, wait=wait),
            progress or SilentProgress(),
            waiting,
            wait=wait,
        )

    def resume(
        self,
        access: Access,
        execution_id: str,
        *,
        progress: Progress | None = None,
        wait: bool = True,
        waiting: Callable[[str], None] = lambda _why: None,
    ) -> ExecutionModel:
        """Resume an execution when its instrument is free, and return it when it has ended; parameters as of `run`."""
        return self._wait_for(
            access,
            lambda waiter: self.submissions.submit_resume(access, execution_id, waiter=waiter, wait=wait),
            progress or SilentProgress(),
            waiting,
            wait=wait,
        )

    def _wait_for(
        self,
        access: Access,
        submit: Callable[[str], Submission],
        progress: Progress,
        waiting: Callable[[str], None],
        *,
        wait: bool,
    ) -> ExecutionModel:
        """Submit a run, wait for its end, and return the last execution of its flow.

        This command performs the run in its turn, unless only workers perform runs of the runner: then `submit` gets an
        empty text in place of the owner of this command's registration.
        """
        if self._workers_perform:
            return self._follow_to_end(access, submit("").execution, progress, waiting)
        runtime, ttl_s = self._runtime, self._runtime.settings.lease_ttl_s
        with (
            ProcessRegistration(runtime.store, "command", ttl_s=ttl_s, username=access.username) as presence,
            empty_queue_at_end(runtime, self.queue, presence.owner),
        ):
            execution = submit(presence.owner).execution
            perform = partial(self.perform_with_runner, execution, progress)
            run = ForegroundRun(runtime, self.queue, execution, presence.owner, perform)
            run.run(wait=wait, waiting=waiting)
            return runtime.record.get_last_of_flow(execution)

    def _follow_to_end(
        self, access: Access, execution: ExecutionModel, progress: Progress, waiting: Callable[[str], None]
    ) -> ExecutionModel:
        """Follow a run that a worker performs, and end as if it ran here; Ctrl-C cancels it."""
        try:
            self.follow(access, execution.execution_id, progress, waiting=waiting)
        except KeyboardInterrupt as interrupt:
            with suppress(QDashError):  # it may have ended just before
                self.cancel(access, execution.execution_id)
            found = self._runtime.record.find(execution.project_id, execution.execution_id)
            raise make_interrupt(found) from interrupt
        # The flow run may have got its id after it was asked for.
        found = self._runtime.record.find(execution.project_id, execution.execution_id)
        last = self._runtime.record.get_last_of_flow(found)
        raise_if_stopped(last)
        return last

    @property
    def _workers_perform(self) -> bool:
        """Return whether only workers perform runs of the runner in use."""
        runtime = self._runtime
        return runtime.shared and isinstance(runtime.registry.runner(runtime.settings.runner), PoolRunner)

    # --------------------------------------------------------------------------------------------------------- followed

    def follow(
        self,
        access: Access,
        execution_id: str,
        progress: Progress | None = None,
        *,
        waiting: Callable[[str], None] = lambda _why: None,
    ) -> ExecutionModel:
        """Report the progress of a run in another process, and return its execution when it is over.

        Parameters
        ----------
        progress : Progress or None
            Receives every plan and result, existing ones first.
        waiting : callable
            Receives a sentence with the reason for the wait whenever it changes.

        Raises
        ------
        NotFoundError
            If there is no such execution.
        """
        follower = Follower(
            partial(self.read_changes, access, execution_id),
            progress or SilentProgress(),
            end_dead=partial(self.end_dead, access),
        )
        return follower.follow(waiting).execution

    def read_changes(self, access: Access, execution_id: str, since: int | None = None) -> RunChanges:
        """Return the changes of a run since an event, or all of it for None; raise NotFoundError if there is no such run."""
        return read_changes(self._runtime, self.queue, access.project_id, execution_id, since)

    def end_dead(self, access: Access) -> None:
        """End runs whose process died, in the queue or not."""
        self.queue.sweep()
        self._runtime.external_transitions.end_interrupted(access.project_id)

    def wait(self, access: Access, execution_id: str) -> ExecutionModel:
        """Wait until an execution is over, and return it."""
        return self.follow(access, execution_id)
