"""Calibration orchestrator: one calibration session, as the author of a flow uses it."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from qdash_core.errors import (
    CancelledError,
    IllegalTransitionError,
    InvalidInputError,
    LockedError,
    QDashError,
)
from qdash_core.models.claims import describe_resources
from qdash_core.models.execution import ExecutionModel, ExecutionStatus
from qdash_core.models.progress import Progress, notify_observer
from qdash_core.models.targets import parse_target_id
from qdash_core.process.interrupts import interrupt
from qdash_core.record.run_attempts import make_interrupt
from qdash_core.runtime.runtime import Runtime
from qdash_core.scheduling.claims import WHOLE_INSTRUMENT
from qdash_core.session.calling_flow_runs import watch_flow_runs
from qdash_core.session.dispatch.plans import Plan, PlannedTask, check_target, plan_task
from qdash_core.session.failure_log import FailureLog
from qdash_core.session.running_flow import get_current_flow
from qdash_core.session.start import start_session
from qdash_core.session.stop_signal import StopSignal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import TracebackType

    from qdash_core.attempts.journal import TaskContext
    from qdash_core.backends.base import BaseBackend
    from qdash_core.chips.chip import Chip
    from qdash_core.hooks.catalogue import Catalogue
    from qdash_core.hooks.runners import FlowRunWatch
    from qdash_core.models.chip import TargetStatus
    from qdash_core.models.estimates import Parameter
    from qdash_core.models.task import TaskResultModel
    from qdash_core.record.config import CalibConfig
    from qdash_core.repositories.retry import StoreRetry
    from qdash_core.scheduling.claims import RunClaim
    from qdash_core.session.replay import ReplaySession
    from qdash_core.session.session import RunSession
    from qdash_core.tasks.base import BaseTask

logger = logging.getLogger(__name__)


class CalibOrchestrator:
    """Calibration session.

    Call `initialize`, any number of `run_task` and `run_plan`, then exactly one of `complete`, `fail` and `cancel`.
    `qdash` is the runtime; without it, one is opened from the settings and closed with the session. `progress`
    receives every plan and result; the default is that of the process's flow, or a log of failures.
    """

    def __init__(
        self, config: CalibConfig, qdash: Runtime | None = None, *, progress: Progress | None = None
    ) -> None:
        self.config = config
        self._given = qdash
        self._progress = progress or get_current_flow().progress or FailureLog()
        self._stop = StopSignal(self._obey_cancel)
        self._plans = threading.RLock()
        self._calls = 0
        """Number of calls that use the session now."""
        self._counting = threading.Lock()
        self._session: RunSession | ReplaySession | None = None
        self._watches: list[FlowRunWatch] = []

    @property
    def execution(self) -> ExecutionModel:
        """The record of the session."""
        return self._running.execution

    @property
    def task_context(self) -> TaskContext:
        """Finished results and accepted values of the session."""
        return self._running.context

    @property
    def catalogue(self) -> Catalogue:
        """Tasks that the backend offers on the chip."""
        return self._running.catalogue

    @property
    def backend(self) -> BaseBackend:
        """The connected backend. A session that is answered from the record has none.

        Raises
        ------
        InvalidInputError
            If the session has no connected backend.
        """
        backend = self._running.backend
        if isinstance(backend, type):
            raise InvalidInputError(
                "the session is answered from the record of an ended execution: it has no backend"
            )
        return backend

    @property
    def lanes(self) -> int | None:
        """Largest number of tasks (or groups) that the backend runs at once, or None if there is no limit."""
        return self._running.backend.max_parallel

    @property
    def with_retry(self) -> StoreRetry:
        """Retries of the session while the store is unavailable."""
        return self._running.with_retry

    def initialize(self, *, claim: RunClaim = WHOLE_INSTRUMENT) -> None:
        """Check the configuration, lock the instrument, start the execution with its folder, and connect the backend.

        `claim` has the parts of the instrument to lock, by default all of it. Tasks on other targets are refused.

        Raises
        ------
        InvalidInputError, NotFoundError
            If the user, project, chip, backend or a qubit is wrong. Nothing is written.
        LockedError
            If another run holds the instrument lock.
        BackendError
            If the backend cannot be created, or does not connect; in the latter case the execution is recorded as failed.
        StoreError
            If the folder of the raw data cannot be created; the execution is recorded as failed.
        """
        if self._session is not None:
            raise InvalidInputError("the session has been initialized already")
        runtime = self._given or Runtime.open_for(self.config.username, self.config.project_id)
        try:
            self._session = start_session(
                runtime, self.config, claim, stop=self._stop, progress=self._progress
            )
        except BaseException:
            if self._given is None:
                runtime.close()
            raise
        get_current_flow().open_sessions.append(self)
        try:
            with self.in_use():
                self._watches = watch_flow_runs(runtime, self._session.execution, self)
                notify_observer(self._progress.began, self._session.execution.execution_id)
                self._session.connect()
        except Exception as error:
            self.fail(str(error))
            raise
        except BaseException:
            self.cancel("interrupted while the backend was connecting")
            raise

    def run_task(
        self,
        name: str,
        qid: str = "",
        *,
        parameters: Mapping[str, object] | None = None,
        inputs: Mapping[str, Parameter] | None = None,
    ) -> TaskResultModel:
        """Run one task on one target and return its recorded result, completed or failed.

        `name` may be an alias. `qid` is empty for global and system tasks. `parameters` and `inputs` take precedence
        over those of the session; inputs replace the chip's values.

        Raises
        ------
        NotFoundError, InvalidInputError
            If there is no such task or target, the backend lacks what the task requires, or a run parameter or input is not what the task
            declares.
        CancelledError
            If the execution of this notebook or script was cancelled elsewhere.
        """
        planned = self.plan_task(name, parameters, inputs)
        return self.run_plan(
            Plan(
                [planned],
                [[parse_target_id(qid) if planned.task.task_type in ("qubit", "coupling") else qid]],
            )
        )[0]

    def plan_task(
        self,
        name: str,
        parameters: Mapping[str, object] | None = None,
        inputs: Mapping[str, Parameter] | None = None,
    ) -> PlannedTask:
        """Return a task of the backend with its run parameters and given inputs. See `run_task`."""
        quantities = self._running.runtime.registry.quantities()
        return plan_task(self.catalogue.task(name), self.config, parameters, inputs, quantities=quantities)

    def run_plan(self, plan: Plan) -> list[TaskResultModel]:
        """Run a plan and return every result: completed, failed or skipped.

        Plans of several threads are run one after another.
        """
        with self.in_use(), self._plans:
            return self._run_plan(plan)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Mark the session as in use during a block. A cancel of a user's own program ends it after the last such block.

        Raises
        ------
        CancelledError
            If the execution of a user's own program was cancelled elsewhere, before the block or during it.
        """
        with self._counting:
            self.raise_if_cancelled()
            self._calls += 1
        try:
            yield
        except (KeyboardInterrupt, LockedError, IllegalTransitionError) as error:
            if (message := self._find_cancel(error)) is not None:
                raise _make_cancelled(self.execution.execution_id, message) from error
            raise
        finally:
            with self._counting:
                self._calls -= 1
            self._end_if_idle()

    def raise_if_cancelled(self) -> None:
        """Raise CancelledError if the execution of a user's own program was cancelled elsewhere."""
        if self.is_cancelled:
            raise _make_cancelled(self.execution.execution_id, self._stop.cancelled)

    @property
    def is_cancelled(self) -> bool:
        """True if this is a session of a user's own program, and its cancel was requested elsewhere."""
        return self._stop.requested and self._is_of_program

    @property
    def _is_of_program(self) -> bool:
        """True if the run is part of a notebook or script, and so has no process of its own that may be interrupted or killed."""
        return self._session is not None and self._session.execution.request is None and not self._watches

    def _find_cancel(self, error: BaseException) -> str | None:
        """Return the message of the cancel that has caused an error in a user's own program, or None."""
        if self.is_cancelled:
            return self._stop.cancelled
        if isinstance(error, KeyboardInterrupt) or not self._is_of_program:
            return None
        session = self._running
        found = session.runtime.record.find(session.execution.project_id, session.execution.execution_id)
        return found.message if found.status is ExecutionStatus.CANCELLED else None

    def _obey_cancel(self) -> None:
        """Interrupt the present call, or end the idle session of a user's own program."""
        if self._calls or not self.is_cancelled:
            interrupt()
        self._end_if_idle()

    def _end_if_idle(self) -> None:
        """End a cancelled session that no call uses, since the program may not come back for long."""
        with self._counting:
            session = None if self._calls or not self.is_cancelled else self._session
        if session is not None:
            try:
                session.end(ExecutionStatus.CANCELLED, self._stop.cancelled or "cancelled")
            except QDashError as error:
                logger.error("the end of the run could not be recorded: %s", error)  # noqa: TRY400  one line

    def _run_plan(self, plan: Plan) -> list[TaskResultModel]:
        session = self._running
        for planned in plan.tasks:
            for group in plan.groups:
                for qid in group:
                    check_target(planned.task, qid, session.chip)
                    self._require_claimed(planned.task, qid)
        notify_observer(self._progress.planned, [planned.task.name for planned in plan.tasks], plan.groups)
        try:
            return session.run(plan)
        except KeyboardInterrupt:
            self._end_watched()
            raise

    def _require_claimed(self, task: type[BaseTask], target: str) -> None:
        """Raise InvalidInputError if a task needs parts of the instrument that the run has not locked."""
        session = self._running
        muxes = session.chip.topology.members(int(target)) if task.task_type == "mux" else ()
        if not session.claim.covers(muxes or [target]):
            raise InvalidInputError(
                f"{task.name} on {target or 'the whole chip'} is refused: this run has locked only "
                f"{describe_resources(session.claim.resources)}, for the targets that its steps name beforehand; name the target or "
                "the task in a step of the flow, or run it by itself"
            )

    def _end_watched(self) -> None:
        """End a session that is being cancelled, if it runs in a flow run of Prefect, whose flow may not end it."""
        if self._stop.cancelled is None or not self._watches:
            return
        with suppress(QDashError):  # the flow may try again
            self._running.end(ExecutionStatus.CANCELLED, self._stop.cancelled)
        for watch in self._watches:
            watch.end(cancelled=True)

    def choose(self, targets: Sequence[str]) -> list[str]:
        """Record the targets that pass a filter of the flow, and return those that continue.

        In a resumed execution, the targets kept before go on too, although their values have changed since.
        """
        return self._running.writer.choose(targets)

    def leave_out(self, why: Mapping[str, str], *, going_on: Sequence[str]) -> None:
        """Record requested targets that the flow leaves out, each with the reason.

        `why` has the reason by target, added to those recorded before. Earlier reasons of the targets in `going_on`,
        for example of an earlier run attempt, are removed.
        """
        self._running.writer.leave_out(why, going_on)

    @property
    def left_out(self) -> Mapping[str, str]:
        """Targets that the flow has left out, each with the reason."""
        return self._running.writer.left_out

    def record_note(self, key: str, value: object) -> None:
        """Set an entry of the note of the execution, which `read_note` returns, also after a resume."""
        self._running.writer.record_note(key, value)

    def read_note(self) -> Mapping[str, Any]:
        """Return the note of the execution as it is stored now."""
        session = self._running
        find = partial(
            session.runtime.record.find, session.execution.project_id, session.execution.execution_id
        )
        return session.with_retry(find).note

    def read_chip(self) -> Chip:
        """Return the chip as the tasks of the session see it now."""
        return self._running.read_chip()

    def set_status(self, target: str, status: TargetStatus) -> None:
        """Set the status of a qubit or coupling unless it is excluded or dead."""
        self._running.writer.set_status(target, status)

    def keep_scoped_status(self, target: str, status: TargetStatus) -> None:
        """Store the status that the results of the run give a target with its value scope, if it has one."""
        self._running.writer.keep_scoped_status(target, status)

    def set_directions(self, controls: Mapping[str, str]) -> None:
        """Set the controlling qubit of each of these couplings, for the chip and for the tasks that follow."""
        self._running.set_directions(controls)

    @property
    def begun(self) -> bool:
        """Return whether a session has begun and must be ended."""
        return self._session is not None

    def request_cancel(self) -> None:
        """Signal from any thread that the run is being cancelled.

        Tasks read the signal as `context.cancelled`. After the present task, `run_task` and `run_plan` raise
        KeyboardInterrupt. If that task has read the signal, its result becomes cancelled too; its raw data are saved.
        """
        self._stop.cancel()

    def end_unfinished(self, message: str) -> None:
        """Record every unfinished result as cancelled. The session itself is ended separately."""
        self._running.end_unfinished(message)

    def complete(self) -> ExecutionModel:
        """End the session. It is recorded as failed if tasks were run and none completed.

        Raises
        ------
        CancelledError
            If the execution of this notebook or script was cancelled elsewhere before.
        """
        is_of_program = self._is_of_program
        ended = self._end(ExecutionStatus.COMPLETED, "")
        if is_of_program and ended.status is ExecutionStatus.CANCELLED:
            raise _make_cancelled(ended.execution_id, ended.message)
        return ended

    def fail(self, message: str) -> ExecutionModel:
        """End the session as failed."""
        return self._end(ExecutionStatus.FAILED, message)

    def cancel(self, message: str = "cancelled") -> ExecutionModel:
        """End the session as cancelled, with its unfinished results."""
        self._stop.cancel(message)
        return self._end(ExecutionStatus.CANCELLED, self._stop.cancelled or message)

    def __enter__(self) -> Self:
        """Initialize."""
        self.initialize()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Complete the session, or end it as cancelled after Ctrl-C or as failed after an error."""
        if not self.begun:
            return
        if error is None:
            self.complete()
        elif isinstance(error, CancelledError):
            self.cancel()
        elif isinstance(error, KeyboardInterrupt):
            cancelled = self.cancel()
            raise make_interrupt(cancelled) from error
        else:
            self.fail(str(error) or type(error).__name__)

    @property
    def _running(self) -> RunSession | ReplaySession:
        if self._session is None:
            raise InvalidInputError("the session is not running: call initialize() first")
        return self._session

    def _end(self, status: ExecutionStatus, message: str) -> ExecutionModel:
        session = self._running
        try:
            return session.end(status, message)
        finally:
            self._session = None
            for watch in self._watches:
                watch.end(cancelled=False)
            with suppress(ValueError):  # it began under another current flow
                get_current_flow().open_sessions.remove(self)
            if self._given is None:
                session.runtime.close()


def _make_cancelled(execution_id: str, message: str | None) -> CancelledError:
    return CancelledError(
        f"execution {execution_id} was {message} and has ended: a new calibration measures again"
    )
