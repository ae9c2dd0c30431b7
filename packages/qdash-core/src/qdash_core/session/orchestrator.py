"""One calibration session from begin to end, as a flow's author sees it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Self

from qdash_core.errors import InvalidInputError
from qdash_core.models.execution import ExecutionModel, ExecutionStatus
from qdash_core.models.targets import target_id
from qdash_core.progress import Progress, Unwatched, tell
from qdash_core.record.endings import interruption
from qdash_core.runtime import Runtime
from qdash_core.session.beginning import begin_session
from qdash_core.session.dispatch.plans import Plan, PlannedTask
from qdash_core.session.flow_run import current_flow_run
from qdash_core.session.stopping import Stopping
from qdash_core.session.targets import check_target
from qdash_core.tasks.overrides import run_parameters_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from qdash_core.attempts.context import TaskContext
    from qdash_core.hooks.catalogue import Catalogue
    from qdash_core.models.chip import TargetStatus
    from qdash_core.models.task import TaskResultModel
    from qdash_core.record.config import CalibConfig
    from qdash_core.repositories.patience import Patience
    from qdash_core.session.recorded import RecordedSession
    from qdash_core.session.session import Session


class CalibOrchestrator:
    """A calibration session.

    `initialize`, any number of `run_task` or `run_plan`, then exactly one of `complete`, `fail` and `cancel`.

    Parameters
    ----------
    config : CalibConfig
        What is asked for.
    qdash : Runtime or None
        None: opened from the settings, and closed when the session ends.
    progress : Progress or None
        Told of every plan and result. None: whoever watches the flow of this process, if anybody does.
    """

    def __init__(
        self, config: CalibConfig, qdash: Runtime | None = None, *, progress: Progress | None = None
    ) -> None:
        self.config = config
        self._given = qdash
        self._progress = progress or current_flow_run().progress or Unwatched()
        self._stopping = Stopping()
        self._session: Session | RecordedSession | None = None

    @property
    def execution(self) -> ExecutionModel:
        """The record of the session."""
        return self._running.execution

    @property
    def task_context(self) -> TaskContext:
        """What the session has found so far."""
        return self._running.context

    @property
    def catalogue(self) -> Catalogue:
        """The tasks that the backend has on the chip."""
        return self._running.catalogue

    @property
    def lanes(self) -> int | None:
        """Tasks (or groups) that the backend can run at once; None: no limit."""
        return self._running.backend.max_parallel

    @property
    def patiently(self) -> Patience:
        """How the session waits for a store that is away."""
        return self._running.patiently

    def initialize(self) -> None:
        """Check what is asked for, take the lease, begin the record, and connect the backend.

        Raises
        ------
        InvalidInputError, NotFoundError
            If the user, project, chip, backend or a qubit is not what it should be. Nothing has been written then.
        LockedError
            If another run holds the lease on its instrument.
        BackendError
            If the backend cannot be made, or does not connect; then the execution is recorded as failed.
        """
        if self._session is not None:
            raise InvalidInputError("the session has been initialized already")
        runtime = self._given or Runtime.open_for(self.config.username, self.config.project_id)
        try:
            self._session = begin_session(
                runtime, self.config, stopping=self._stopping, progress=self._progress
            )
        except BaseException:
            if self._given is None:
                runtime.close()
            raise
        current_flow_run().open_sessions.append(self)
        try:
            tell(self._progress.began, self._session.execution.execution_id)
            self._session.connect()
        except Exception as error:
            self.fail(str(error))
            raise
        except BaseException:
            self.cancel("interrupted while the backend was connecting")
            raise

    def run_task(
        self, name: str, qid: str = "", *, parameters: Mapping[str, object] | None = None
    ) -> TaskResultModel:
        """Run one task on one target and return its recorded result, completed or failed.

        Parameters
        ----------
        name : str
            Name of the task, or an alias.
        qid : str
            The target; empty for global and system tasks.
        parameters : mapping of str to value
            Run parameters, over those of the session.

        Raises
        ------
        NotFoundError, InvalidInputError
            If there is no such task or target, the backend lacks what the task requires, or a run parameter is not what the task declares.
        """
        planned = self.plan_task(name, parameters)
        return self.run_plan(
            Plan([planned], [[target_id(qid) if planned.task.task_type in ("qubit", "coupling") else qid]])
        )[0]

    def plan_task(self, name: str, parameters: Mapping[str, object] | None = None) -> PlannedTask:
        """Return a task that the session's backend has with the run parameters it will have."""
        task = self.catalogue.task(name)
        return PlannedTask(task, run_parameters_of(task, self.config.run_parameters, parameters or {}))

    def run_plan(self, plan: Plan) -> list[TaskResultModel]:
        """Run a plan and return every result: completed, failed or skipped."""
        session = self._running
        for planned in plan.tasks:
            for group in plan.groups:
                for qid in group:
                    check_target(planned.task, qid, session.chip)
        tell(self._progress.planned, [planned.task.name for planned in plan.tasks], plan.groups)
        return session.run(plan)

    def choose(self, targets: Sequence[str]) -> list[str]:
        """Record which targets a filter of the flow leaves, and return which go on.

        When the execution is resumed, what was left before goes on too, though its values have changed since.
        """
        return self._running.writer.choose(targets)

    def leave_out(self, why: Mapping[str, str], *, going_on: Sequence[str]) -> None:
        """Record which targets the flow does not measure although they were named, each with the reason.

        Parameters
        ----------
        why : mapping of str to str
            Target to reason, added to those recorded before.
        going_on : sequence of str
            Targets that do go on: what was recorded of them before, in another stretch perhaps, holds no longer.
        """
        self._running.writer.leave_out(why, going_on)

    @property
    def left_out(self) -> Mapping[str, str]:
        """What the flow has left out, each target with the reason."""
        return self._running.writer.left_out

    def set_status(self, target: str, status: TargetStatus) -> None:
        """Set the status of a qubit or coupling, unless a person has excluded it or called it dead."""
        self._running.writer.set_status(target, status)

    def set_directions(self, controls: Mapping[str, str]) -> None:
        """Say which qubit controls each of these couplings: the chip keeps it, and the tasks that follow go by it."""
        self._running.set_directions(controls)

    @property
    def begun(self) -> bool:
        """Whether there is a session that has to be ended."""
        return self._session is not None

    def request_cancel(self) -> None:
        """Tell what runs that the run is being cancelled, from any thread.

        Tasks see it as `context.cancelled`. Behind the present one, `run_task` and `run_plan` raise KeyboardInterrupt. Where
        that one has asked, its result becomes cancelled too, whatever it returns: raw data are kept.
        """
        self._stopping.cancel()

    def end_unfinished(self, message: str) -> None:
        """Record every result that is still open as cancelled. The session goes on to its own end."""
        self._running.end_unfinished(message)

    def complete(self) -> ExecutionModel:
        """End the session. It is recorded as failed when tasks were run and none completed."""
        return self._end(ExecutionStatus.COMPLETED, "")

    def fail(self, message: str) -> ExecutionModel:
        """End the session as failed."""
        return self._end(ExecutionStatus.FAILED, message)

    def cancel(self, message: str = "cancelled") -> ExecutionModel:
        """End the session as cancelled; what has not ended is recorded as cancelled too."""
        self._stopping.cancel(message)
        return self._end(ExecutionStatus.CANCELLED, self._stopping.cancelled or message)

    def __enter__(self) -> Self:
        """Initialize."""
        self.initialize()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Complete the session, or end it as cancelled by Ctrl-C or failed by what was raised."""
        if not self.begun:
            return
        if error is None:
            self.complete()
        elif isinstance(error, KeyboardInterrupt):
            cancelled = self.cancel()
            raise interruption(cancelled) from error
        else:
            self.fail(str(error) or type(error).__name__)

    @property
    def _running(self) -> Session | RecordedSession:
        if self._session is None:
            raise InvalidInputError("the session is not running: call initialize() first")
        return self._session

    def _end(self, status: ExecutionStatus, message: str) -> ExecutionModel:
        session = self._running
        try:
            return session.end(status, message)
        finally:
            self._session = None
            with suppress(ValueError):  # begun in another flow's stead
                current_flow_run().open_sessions.remove(self)
            if self._given is None:
                session.runtime.close()
