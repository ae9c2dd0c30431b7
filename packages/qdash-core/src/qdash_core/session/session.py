"""A running session: its parts put together, and taken apart in the right order when it ends."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from qdash_core.errors import IllegalTransitionError, LockedError, QDashError, TaskStuckError
from qdash_core.interrupts import raise_pending
from qdash_core.models.execution import ExecutionStatus
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
from qdash_core.tasks.context import TaskContext
from qdash_core.tasks.definitions import makers_of
from qdash_core.tasks.executor import TaskExecutor
from qdash_core.tasks.history_recorder import TaskHistoryRecorder
from qdash_core.tasks.inputs import LatestValues
from qdash_core.tasks.result_processor import ResultProcessor
from qdash_core.tasks.state_manager import TaskStateManager

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.backends.base import BaseBackend
    from qdash_core.chips.chip import Chip
    from qdash_core.lease.lock import ExecutionLock
    from qdash_core.models.chip import TargetStatus
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.notifiers.delivery import Delivery
    from qdash_core.progress import Progress
    from qdash_core.record.config import CalibConfig
    from qdash_core.runtime import Runtime
    from qdash_core.scheduling.durations import ExpectedDurations
    from qdash_core.session.dispatch.plans import Plan
    from qdash_core.session.stopping import Stopping
    from qdash_core.tasks.base import BaseTask

logger = logging.getLogger(__name__)


class Session:
    """The parts of a running session, put together.

    Parameters
    ----------
    qdash : Runtime
        Open.
    config : CalibConfig
        What was asked for.
    chip : Chip
        As it stood when the session began.
    backend : BaseBackend
        Not yet connected.
    lock : ExecutionLock
        Held.
    delivery : Delivery
        Begun: tells notifiers what happens.
    execution : ExecutionModel
        Recorded as running.
    stopping : Stopping
        Whether the session is to stop.
    progress : Progress
        Told of every result.
    earlier : sequence of TaskResultModel
        What earlier stretches of a resumed execution recorded.
    """

    def __init__(
        self,
        qdash: Runtime,
        config: CalibConfig,
        chip: Chip,
        backend: BaseBackend,
        lock: ExecutionLock,
        delivery: Delivery,
        execution: ExecutionModel,
        *,
        stopping: Stopping,
        progress: Progress,
        earlier: Sequence[TaskResultModel] = (),
    ) -> None:
        self.qdash, self.chip, self.backend, self.execution = qdash, chip, backend, execution
        self._lock = lock
        self._delivery = delivery
        self._stopping = stopping
        self._ending = threading.RLock()
        self._ended: ExecutionModel | None = None
        self._connection = Connection(backend)
        view = ChipView(chip.header.chip_id, backend.name, chip.topology)
        self.context = TaskContext(execution.execution_id, view)
        self.patiently = Patience(
            qdash.settings.store_patience_s,
            cancelled=stopping.event,
            advice=f"when it is back, `qdash executions resume {execution.execution_id}` goes on",
        )
        self._writer = SessionWriter(qdash, execution, self.patiently)
        values = LatestValues(qdash.store, execution.project_id, execution.chip_id, patience=self.patiently)
        self._recorder = TaskHistoryRecorder(
            qdash.store, qdash.settings.zone, hold=lock.hold, patience=self.patiently
        )
        self._states = TaskStateManager(
            project_id=execution.project_id,
            username=config.username,
            chip_id=execution.chip_id,
            execution_id=execution.execution_id,
            tags=execution.tags,
            saved=config.saved,
            earlier=earlier,
        )
        self._directions = Directions(chip.couplings, self._writer.set_directions, earlier=earlier)
        executor = TaskExecutor(
            context=self.context,
            backend=backend,
            states=self._states,
            recorder=self._recorder,
            processor=ResultProcessor(qdash.registry.validators()),
            artifacts=qdash.artifacts,
            values=values,
            makers=makers_of(qdash.registry.tasks(), backend.name),
            controls=self._directions.controls,
            cancelled=stopping.event,
            grace_s=qdash.settings.cancel_grace_s,
            stuck=self._end_stuck,
            lab_before_s=lab_seconds_before(execution),
        )
        self._dispatcher = Dispatcher(
            executor,
            self._replay,
            values,
            backend=backend,
            durations=self._expected,
            stopping=stopping,
            progress=progress,
        )

    def connect(self) -> None:
        """Connect the backend and give it the latest stored note. The chip's header of the day is kept too."""
        self._writer.record_day()
        where = self.execution.project_id, self.execution.chip_id
        latest = partial(self.qdash.repositories.notes.latest, *where)
        self._connection.open(partial(self.patiently, latest))

    def run(self, plan: Plan) -> list[TaskResultModel]:
        """Run a plan. What is going to be run is written before anything runs: definitions, and results to be."""
        self._writer.define([planned.task for planned in plan.tasks])
        # A task that the plan has twice on a target gets its second row when the first has ended.
        names = dict.fromkeys(
            (planned.task, qid) for group in plan.groups for planned in plan.tasks for qid in group
        )
        if plan.conflicts is not None or len(plan.targets) > 1:
            self._writer.record_stage(stage_of(plan))
        left = [(task, qid) for task, qid in names if not self._states.is_recorded(task, qid)]
        self._directions.turn(qid for _, qid in left)
        to_be = [self._states.ensure_task_exists(task, qid) for task, qid in left]
        if len(to_be) > 1:
            self._recorder.record_state(to_be)
        return self._dispatcher.run(plan)

    def _expected(self, tasks: Sequence[type[BaseTask]]) -> ExpectedDurations:
        """Return what tasks are expected to take on the targets of the chip."""

        def look() -> ExpectedDurations:
            with self.qdash.store.read() as snapshot:
                where = self.execution.project_id, self.execution.chip_id
                return durations_on_record(Repositories(snapshot), *where, tasks)

        return self.patiently(look)

    def choose(self, targets: Sequence[str]) -> list[str]:
        """Record which targets a filter of the flow leaves, and return which go on."""
        return self._writer.choose(targets)

    def leave_out(self, why: Mapping[str, str], going_on: Sequence[str]) -> None:
        """Record what the flow does not measure although it was named, and what goes on."""
        self._writer.leave_out(why, going_on)

    @property
    def left_out(self) -> Mapping[str, str]:
        """What the flow has left out, each target with the reason."""
        return self._writer.left_out

    def set_status(self, target: str, status: TargetStatus) -> None:
        """Set the status of a qubit or coupling, unless a person has excluded it or called it dead."""
        self._writer.set_status(target, status)

    def set_directions(self, controls: Mapping[str, str]) -> None:
        """Say which qubit controls each of these couplings, for the chip and for the tasks that follow."""
        self._directions.choose(controls)

    def _replay(self, task: type[BaseTask], qid: str) -> TaskResultModel | None:
        result = self._states.recorded(task, qid)
        if result is not None:
            self.context.add(result)
        return result

    def end(self, status: ExecutionStatus, message: str) -> ExecutionModel:
        """Disconnect, record what has not ended as cancelled, end the record, and release the lock.

        What somebody else has ended meanwhile, or a run that has lost its lease, is left as it stands. Should recording
        fail, the lock is free all the same, and the next run ends what this one left open. A session that has been ended
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
            self._delivery.end()

    def _end(self, status: ExecutionStatus, message: str, *, backend_is_busy: bool = False) -> ExecutionModel:
        self._lock.stop_watching()
        abandoned = current_flow_run().abandoned
        if status is not ExecutionStatus.COMPLETED and abandoned is not None:
            status, message = ExecutionStatus.FAILED, abandoned
        elif status is ExecutionStatus.FAILED and self._stopping.cancelled is not None:
            status, message = ExecutionStatus.CANCELLED, self._stopping.cancelled
        try:
            lab_seconds = self._connection.lab_seconds
            if status is ExecutionStatus.COMPLETED:
                self._directions.turn()
            if not backend_is_busy:
                self._connection.close(self._writer.keep_last_note)
            self.end_unfinished(message or "the session ended before it ran")
            end = partial(self.qdash.executions.end, self.execution, status, message, lab_seconds=lab_seconds)
            ended = self.patiently(end)
            self._writer.record_day()
        except (LockedError, IllegalTransitionError) as error:
            ended = self.qdash.executions.show(self.execution.project_id, self.execution.execution_id)[0]
            logger.warning(
                "execution %s is left as it was found, %s: %s", ended.execution_id, ended.status, error
            )
        finally:
            self._lock.release(patience=self.patiently)
        return ended

    def _end_stuck(self, reason: str) -> None:
        """End the run as failed for a task that does not stop, from the thread that watches it.

        The backend stays as it is, for a call is still in it.
        """
        message = f"{reason}: `qdash executions resume {self.execution.execution_id}` goes on with the run"
        stuck = TaskStuckError(message)
        self._stopping.stop(stuck)
        try:
            with self._ending:
                if self._ended is None:
                    self._ended = self._end(ExecutionStatus.FAILED, message, backend_is_busy=True)
        except QDashError as error:
            logger.error("the end of the run could not be recorded: %s", error)  # noqa: TRY400  one line
        finally:
            self._delivery.end()
            current_flow_run().stuck(stuck)

    def end_unfinished(self, message: str) -> None:
        """Record what is still open in the store: as it ended, if an interrupt came before that was written."""
        unfinished = [result for result in self._states.results() if self._recorder.is_unfinished(result)]
        for result in unfinished:
            if not result.status.terminal:
                self._states.update_task_status_to_cancelled(result, message)
            if result.end_at is None:
                self._states.end_task(result)
        if unfinished:
            self._recorder.record_outcome(*unfinished)
