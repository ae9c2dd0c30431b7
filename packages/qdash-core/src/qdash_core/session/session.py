"""A running session: its parts put together, and taken apart in the right order when it ends."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from qdash_core.attempts.context import TaskContext
from qdash_core.attempts.executor import TaskExecutor
from qdash_core.attempts.history_recorder import TaskHistoryRecorder
from qdash_core.attempts.journal import Journal
from qdash_core.attempts.result_processor import ResultProcessor
from qdash_core.attempts.setup import Setup
from qdash_core.attempts.state_manager import Origin, TaskStateManager
from qdash_core.attempts.watchdog import Watchdog
from qdash_core.errors import IllegalTransitionError, LockedError, QDashError, TaskStuckError
from qdash_core.interrupts import raise_pending
from qdash_core.models.execution import EndReason, ExecutionStatus
from qdash_core.record.endings import lab_seconds_before
from qdash_core.repositories.patience import Patience
from qdash_core.repositories.repositories import Repositories
from qdash_core.scheduling.durations import durations_on_record
from qdash_core.session.connection import Connection
from qdash_core.session.directions import Directions
from qdash_core.session.dispatch.dispatcher import Dispatcher
from qdash_core.session.dispatch.plans import stage_of
from qdash_core.session.flow_run import current_flow_run
from qdash_core.session.writing import SessionWriter
from qdash_core.tasks.base import ChipView
from qdash_core.tasks.inputs import Inputs, LatestValues

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.chips.design import Design
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.runtime import Runtime
    from qdash_core.scheduling.durations import ExpectedDurations
    from qdash_core.session.dispatch.plans import Plan
    from qdash_core.session.parts import Assignment, Escort, Stretch, Supervision
    from qdash_core.tasks.base import BaseTask

logger = logging.getLogger(__name__)


class Session:
    """The parts of a running session, put together.

    Parameters
    ----------
    runtime : Runtime
        Open.
    assignment : Assignment
        What is asked for, and of what.
    stretch : Stretch
        Its record, and what was recorded before.
    escort : Escort
        Lock and delivery; both end with the session.
    supervision : Supervision
        Who may end it, and who watches it.
    """

    def __init__(
        self,
        runtime: Runtime,
        assignment: Assignment,
        stretch: Stretch,
        escort: Escort,
        supervision: Supervision,
    ) -> None:
        self.runtime, self.chip, self.backend = runtime, assignment.chip, assignment.backend
        self.execution, self.catalogue = stretch.execution, assignment.catalogue
        self._escort = escort
        self._stopping = supervision.stopping
        self._ending = threading.RLock()
        self._ended: ExecutionModel | None = None
        self.patiently = Patience(
            runtime.settings.store_patience_s,
            cancelled=self._stopping.event,
            advice=f"when it is back, `qdash executions resume {self.execution.named}` goes on",
        )
        self._connection = Connection(self.backend)
        self.writer = SessionWriter(runtime, self.execution, self.patiently)
        self._directions = Directions(
            self.chip.couplings, self.writer.set_directions, earlier=stretch.earlier
        )
        view = ChipView(self.chip.header.chip_id, self.backend.name, self.chip.topology)
        self.context = TaskContext(self.execution.execution_id, view)
        self._journal = self._journal_of(assignment, stretch)
        self._dispatcher = Dispatcher(self._executor(assignment.design), self._expected, supervision)

    def _journal_of(self, assignment: Assignment, stretch: Stretch) -> Journal:
        execution, runtime = stretch.execution, self.runtime
        origin = Origin(
            project_id=execution.project_id,
            username=assignment.config.username,
            chip_id=execution.chip_id,
            execution_id=execution.execution_id,
            backend=self.backend.name,
            tags=execution.tags,
            saved=assignment.config.saved,
        )
        recorder = TaskHistoryRecorder(
            runtime.store, runtime.zone, hold=self._escort.lock.hold, patience=self.patiently
        )
        states = TaskStateManager(origin, earlier=stretch.earlier)
        return Journal(states, recorder, runtime.artifacts, self.context)

    def _executor(self, design: Design) -> TaskExecutor:
        runtime, execution, states = self.runtime, self.execution, self._journal.states
        values = LatestValues(runtime.store, execution.project_id, execution.chip_id, patience=self.patiently)
        return TaskExecutor(
            Setup(self.backend, self.context.chip, lab_seconds_before(execution), design),
            Inputs(values, self.catalogue.makers(), self._directions.controls),
            self._journal,
            ResultProcessor(runtime.registry.validators(), states, values),
            Watchdog(states, self._stopping.event, runtime.settings.cancel_grace_s, self._end_stuck),
        )

    def connect(self) -> None:
        """Connect the backend and give it the latest stored note. The chip's header of the day is kept too."""
        self.writer.record_day()
        where = self.execution.project_id, self.execution.chip_id
        latest = partial(self.runtime.repositories.notes.latest, *where)
        self._connection.open(partial(self.patiently, latest))

    def run(self, plan: Plan) -> list[TaskResultModel]:
        """Run a plan. What is going to be run is written before anything runs: definitions, and results to be."""
        self.writer.define([planned.task for planned in plan.tasks])
        # A task that the plan has twice on a target gets its second row when the first has ended.
        names = dict.fromkeys(
            (planned.task, qid) for group in plan.groups for planned in plan.tasks for qid in group
        )
        if plan.conflicts is not None or len(plan.targets) > 1:
            self.writer.record_stage(stage_of(plan))
        to_be = self._journal.states.to_be(names)
        self._directions.turn(result.qid for result in to_be)
        if len(to_be) > 1:
            self._journal.recorder.record_state(to_be)
        return self._dispatcher.run(plan)

    def _expected(self, tasks: Sequence[type[BaseTask]]) -> ExpectedDurations:
        """Return what tasks are expected to take on the targets of the chip."""

        def look() -> ExpectedDurations:
            with self.runtime.store.read() as snapshot:
                where = self.execution.project_id, self.execution.chip_id
                return durations_on_record(Repositories(snapshot), *where, tasks)

        return self.patiently(look)

    def set_directions(self, controls: Mapping[str, str]) -> None:
        """Say which qubit controls each of these couplings, for the chip and for the tasks that follow."""
        self._directions.choose(controls)

    def end(self, status: ExecutionStatus, message: str) -> ExecutionModel:
        """Disconnect, record what has not ended as cancelled, end the record, and give up the lease.

        What somebody else has ended meanwhile, or a run that has lost its lease, is left as it stands. Should recording
        fail, the lease is free all the same, and the next run ends what this one left open. A session that has been ended
        because a task did not stop stays as it is.
        """
        with suppress(KeyboardInterrupt):
            raise_pending()  # it is answered by this end
        try:
            with self._ending:
                if self._ended is None:
                    self._ended = self._end(status, message)
                return self._ended
        finally:
            self._escort.delivery.end()

    def _end(self, status: ExecutionStatus, message: str, *, backend_is_busy: bool = False) -> ExecutionModel:
        self._escort.lock.stop_watching()
        abandoned = current_flow_run().abandoned
        reason = EndReason.STUCK if backend_is_busy else None
        if status is not ExecutionStatus.COMPLETED and abandoned is not None:
            status, message, reason = ExecutionStatus.FAILED, abandoned, EndReason.INTERRUPTED
        elif status is ExecutionStatus.FAILED and self._stopping.cancelled is not None:
            status, message = ExecutionStatus.CANCELLED, self._stopping.cancelled
        try:
            lab_seconds = self._connection.lab_seconds
            if status is ExecutionStatus.COMPLETED:
                self._directions.turn()
            if not backend_is_busy:
                self._connection.close(self.writer.keep_last_note)
            self._journal.end_unfinished(message or "the session ended before it ran")
            end = partial(
                self.runtime.record.end,
                self.execution,
                status,
                message,
                reason=reason,
                lab_seconds=lab_seconds,
            )
            ended = self.patiently(end)
            self.writer.record_day()
        except (LockedError, IllegalTransitionError) as error:
            ended = self.runtime.record.show(self.execution.project_id, self.execution.execution_id)[0]
            logger.warning(
                "execution %s is left as it was found, %s: %s", ended.execution_id, ended.status, error
            )
        finally:
            self._escort.lock.release(patience=self.patiently)
        return ended

    def _end_stuck(self, reason: str) -> None:
        """End the run as failed for a task that does not stop, from the thread that watches it.

        The backend stays as it is, for a call is still in it.
        """
        message = f"{reason}: `qdash executions resume {self.execution.named}` goes on with the run"
        stuck = TaskStuckError(message)
        self._stopping.stop(stuck)
        try:
            with self._ending:
                if self._ended is None:
                    self._ended = self._end(ExecutionStatus.FAILED, message, backend_is_busy=True)
        except QDashError as error:
            logger.error("the end of the run could not be recorded: %s", error)  # noqa: TRY400  one line
        finally:
            self._escort.delivery.end()
            current_flow_run().stuck(stuck)

    def end_unfinished(self, message: str) -> None:
        """Record every result that is still open as cancelled."""
        self._journal.end_unfinished(message)
