"""A running session: its parts put together, and taken apart in the right order when it ends."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from qdash_core.chips.service import controlling
from qdash_core.errors import BackendError, ConflictError, QDashError
from qdash_core.executions.dispatcher import Dispatcher
from qdash_core.interrupts import interruptible
from qdash_core.models.base import as_json
from qdash_core.models.execution import CalibrationNoteModel
from qdash_core.tasks.base import ChipView
from qdash_core.tasks.context import TaskContext
from qdash_core.tasks.definitions import definition_of, makers_of
from qdash_core.tasks.executor import TaskExecutor
from qdash_core.tasks.history_recorder import TaskHistoryRecorder
from qdash_core.tasks.inputs import LatestValues
from qdash_core.tasks.laboratory_clock import laboratory_seconds
from qdash_core.tasks.result_processor import ResultProcessor
from qdash_core.tasks.state_manager import TaskStateManager

if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence

    from qdash_core.application import QDash
    from qdash_core.backends.base import BaseBackend
    from qdash_core.chips.service import Chip
    from qdash_core.executions.config import CalibConfig
    from qdash_core.executions.dispatcher import Plan, Progress
    from qdash_core.executions.lock import ExecutionLock
    from qdash_core.models.execution import ExecutionModel, ExecutionStatus
    from qdash_core.models.task import TaskResultModel
    from qdash_core.tasks.base import BaseTask

logger = logging.getLogger(__name__)


class Session:
    """The parts of a running session, put together.

    Parameters
    ----------
    qdash : QDash
        Open.
    config : CalibConfig
        What was asked for.
    chip : Chip
        As it stood when the session began.
    backend : BaseBackend
        Not yet connected.
    lock : ExecutionLock
        Held.
    execution : ExecutionModel
        Recorded as running.
    cancelled : threading.Event
        Set when the session is being cancelled.
    progress : Progress
        Told of every result.
    """

    def __init__(
        self,
        qdash: QDash,
        config: CalibConfig,
        chip: Chip,
        backend: BaseBackend,
        lock: ExecutionLock,
        execution: ExecutionModel,
        *,
        cancelled: threading.Event,
        progress: Progress,
    ) -> None:
        self.qdash, self.chip, self.backend, self.execution = qdash, chip, backend, execution
        self._lock = lock
        self._connected = False
        self._restored = False
        self._defined: set[str] = set()
        view = ChipView(chip.header.chip_id, backend.name, chip.topology)
        self.context = TaskContext(execution.execution_id, view)
        values = LatestValues(qdash.store, execution.project_id, execution.chip_id)
        self._recorder = TaskHistoryRecorder(qdash.store, qdash.settings.zone, lease_owner=lock.owner)
        self._states = TaskStateManager(
            project_id=execution.project_id,
            username=execution.username,
            chip_id=execution.chip_id,
            execution_id=execution.execution_id,
            tags=config.tags,
            saved=config.saved,
            cooldown_id=chip.header.current_cooldown_id,
        )
        executor = TaskExecutor(
            context=self.context,
            backend=backend,
            states=self._states,
            recorder=self._recorder,
            processor=ResultProcessor(qdash.registry.validators()),
            artifacts=qdash.artifacts,
            values=values,
            makers=makers_of(qdash.registry.tasks(), backend.name),
            controls={qid: controlling(coupling) for qid, coupling in chip.couplings.items()},
            cancelled=cancelled.is_set,
        )
        self.dispatcher = Dispatcher(
            executor, values, lanes=backend.max_parallel, cancelled=cancelled, progress=progress
        )

    def connect(self) -> None:
        """Connect the backend and give it the latest stored note. The chip's header of the day is kept too."""
        self.qdash.chips.record_day(self.execution.project_id, self.execution.chip_id)
        try:
            with interruptible():
                self.backend.connect()
            self._connected = True
            note = self.qdash.repositories.notes.latest(self.execution.project_id, self.execution.chip_id)
            if note is not None:
                with interruptible():
                    self.backend.update_note(note.note)
            self._restored = True
        except QDashError:
            raise
        except (Exception, SystemExit) as error:
            raise BackendError(f"backend {self.backend.name} does not connect: {error}") from error

    def schedule(self, plan: Plan) -> None:
        """Write what is going to be run before anything runs: the definitions of the tasks, and their results to be."""
        self._define([planned.task for planned in plan.tasks])
        # A task that the plan has twice on a target gets its second row when the first has ended.
        names = dict.fromkeys(
            (planned.task, qid) for group in plan.groups for planned in plan.tasks for qid in group
        )
        results = [self._states.ensure_task_exists(task, qid) for task, qid in names]
        if len(results) > 1:
            self._recorder.record_state(results)

    def _define(self, tasks: Sequence[type[BaseTask]]) -> None:
        new = [task for task in tasks if task.name not in self._defined]
        if new:
            self.qdash.repositories.tasks.put(
                *(definition_of(task, self.execution.project_id, self.execution.username) for task in new)
            )
            self._defined.update(task.name for task in new)

    def end(self, status: ExecutionStatus, message: str) -> ExecutionModel:
        """Disconnect, record what has not ended as cancelled, end the record, and release the lock.

        Should that fail, the lock is free all the same, and the next run ends what this one left open.
        """
        try:
            lab_seconds = self._disconnect()
            self._end_unfinished(message or "the session ended before it ran")
            ended = self.qdash.executions.end(self.execution, status, message, lab_seconds=lab_seconds)
            self.qdash.chips.record_day(ended.project_id, ended.chip_id)
            return ended
        finally:
            self._lock.release()

    def _end_unfinished(self, message: str) -> None:
        """Record what is still open in the store: as it ended, if an interrupt came before that was written."""
        unfinished = [result for result in self._states.results() if self._recorder.is_unfinished(result)]
        for result in unfinished:
            if not result.status.terminal:
                self._states.update_task_status_to_cancelled(result, message)
            if result.end_at is None:
                self._states.end_task(result)
        try:
            self._recorder.record_outcome(*unfinished)
        except ConflictError:
            self._end_one_by_one(unfinished)

    def _end_one_by_one(self, unfinished: Sequence[TaskResultModel]) -> None:
        """Record what can be. What cannot has been ended by somebody else, or was written just before an interrupt."""
        for result in unfinished:
            with suppress(ConflictError):
                self._recorder.record_outcome(result)

    def _disconnect(self) -> float | None:
        """Return the laboratory time, and close the backend; its failure must not change the outcome."""
        if not self._connected:
            return None
        lab_seconds = laboratory_seconds(self.backend)
        try:
            # A note from before the stored one was put back would take its place at the next session.
            if self._restored:
                self._keep_note(self.backend.save_note())
        except (Exception, SystemExit) as error:  # noqa: BLE001  a plugin's last words
            logger.warning("backend %s failed at the end: %s", self.backend.name, error)
        try:
            with interruptible():
                self.backend.disconnect()
        except (Exception, SystemExit) as error:  # noqa: BLE001
            logger.warning("backend %s did not disconnect: %s", self.backend.name, error)
        return lab_seconds

    def _keep_note(self, note: dict[str, Any] | None) -> None:
        if note is None:
            return
        execution = self.execution
        self.qdash.repositories.notes.put(
            CalibrationNoteModel(
                project_id=execution.project_id,
                username=execution.username,
                chip_id=execution.chip_id,
                execution_id=execution.execution_id,
                task_id="",
                note=as_json(note),
            )
        )
