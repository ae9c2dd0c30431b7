"""The journal of a run: its results in memory, in the store, and their raw data as files, changed and written together."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qdash_core.artifacts.verifiable import checksums
from qdash_core.errors import InvalidInputError, StoreError
from qdash_core.tasks.failures import failure_message

if TYPE_CHECKING:
    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.attempts.context import TaskContext
    from qdash_core.attempts.history_recorder import TaskHistoryRecorder
    from qdash_core.attempts.state_manager import TaskStateManager
    from qdash_core.models.raw_data import RawData
    from qdash_core.models.task import TaskResultModel
    from qdash_core.tasks.base import BaseTask


@dataclass(frozen=True, slots=True)
class Journal:
    """The results of one run, those of its earlier stretches included.

    Parameters
    ----------
    states : TaskStateManager
        Has them in memory, and is the only one that changes them.
    recorder : TaskHistoryRecorder
        Writes them to the store.
    artifacts : CalibDataSaver
        Keeps their raw data.
    context : TaskContext
        Takes in each that has ended.
    """

    states: TaskStateManager
    recorder: TaskHistoryRecorder
    artifacts: CalibDataSaver
    context: TaskContext

    def recorded(self, task: type[BaseTask], qid: str) -> TaskResultModel | None:
        """Return what an earlier stretch completed of the next node of a task on a target; None: it is to be run."""
        result = self.states.recorded(task, qid)
        if result is not None:
            self.context.add(result)
        return result

    def skip(self, result: TaskResultModel, reason: str) -> TaskResultModel:
        """Record that a task is not run, with the reason."""
        self.states.update_task_status_to_skipped(result, reason)
        return self.record(result)

    def keep(self, result: TaskResultModel, raw: RawData) -> None:
        """Save raw data of a result."""
        path = result.raw_data_file
        saved = self.artifacts.save_raw_data(path, raw)
        self.states.put_raw_data(result, path, checksums(self.artifacts, path, saved))

    def find_kept(self, result: TaskResultModel) -> None:
        """Note the file of a result whose saving was cut between the two."""
        path = result.raw_data_file
        with suppress(StoreError):
            if not result.raw_data_path and self.artifacts.exists(path):
                self.states.put_raw_data(result, path, checksums(self.artifacts, path))

    def record(self, result: TaskResultModel, note: dict[str, Any] | None = None) -> TaskResultModel:
        """Record a result that has ended with all that follows from it, and the library's note as it stands."""
        try:
            self.recorder.record_outcome(result, note=note)
        except (InvalidInputError, ValueError, TypeError) as error:
            # Something in it that no store can hold: the rest of the run must not depend on it.
            self.states.strip_to_failure(result, f"the result could not be kept: {failure_message(error)}")
            self.recorder.record_outcome(result)
        self.context.add(result)
        return result

    def end_unfinished(self, message: str) -> None:
        """Record what is still open in the store: as it ended, if an interrupt came before that was written."""
        unfinished = [result for result in self.states.results() if self.recorder.is_unfinished(result)]
        for result in unfinished:
            if not result.status.terminal:
                self.states.update_task_status_to_cancelled(result, message)
        if unfinished:
            self.recorder.record_outcome(*unfinished)
