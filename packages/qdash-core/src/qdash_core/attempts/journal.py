"""Journal of a run: its task results in memory, in the store, and as raw data."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qdash_core.artifacts.storage_features import list_checksums
from qdash_core.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.artifacts.storage import CalibDataSaver
    from qdash_core.attempts.history_recorder import TaskHistoryRecorder
    from qdash_core.attempts.state_manager import TaskStateManager
    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.raw_data import RawData
    from qdash_core.models.task import TaskResultModel
    from qdash_core.tasks.base import BaseTask, ChipView


@dataclass(slots=True)
class TaskResults:
    """Finished results of an execution by task type and target, in the order of their ends."""

    system_tasks: list[TaskResultModel] = field(default_factory=list)
    global_tasks: list[TaskResultModel] = field(default_factory=list)
    mux_tasks: dict[str, list[TaskResultModel]] = field(default_factory=dict)
    qubit_tasks: dict[str, list[TaskResultModel]] = field(default_factory=dict)
    coupling_tasks: dict[str, list[TaskResultModel]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Return whether no result has ended yet."""
        kinds = (self.system_tasks, self.global_tasks, self.mux_tasks, self.qubit_tasks, self.coupling_tasks)
        return not any(kinds)

    def add(self, result: TaskResultModel) -> None:
        """Add a finished result."""
        match result.task_type:
            case "system":
                self.system_tasks.append(result)
            case "global":
                self.global_tasks.append(result)
            case "mux":
                self.mux_tasks.setdefault(result.qid, []).append(result)
            case "qubit":
                self.qubit_tasks.setdefault(result.qid, []).append(result)
            case "coupling":
                self.coupling_tasks.setdefault(result.qid, []).append(result)


@dataclass(slots=True)
class CalibData:
    """Values accepted in an execution, by target and name."""

    qubit: dict[str, dict[str, ParameterModel]] = field(default_factory=dict)
    coupling: dict[str, dict[str, ParameterModel]] = field(default_factory=dict)

    def add(self, result: TaskResultModel) -> None:
        """Add the values of a result that were accepted."""
        values = {name: value for name, value in result.output_parameters.items() if result.accepts(name)}
        if values and result.task_type == "qubit":
            self.qubit.setdefault(result.qid, {}).update(values)
        elif values and result.task_type == "coupling":
            self.coupling.setdefault(result.qid, {}).update(values)


@dataclass(slots=True)
class TaskContext:
    """Finished results and accepted values of one execution, in memory."""

    execution_id: str
    chip: ChipView
    task_result: TaskResults = field(default_factory=TaskResults)
    calib_data: CalibData = field(default_factory=CalibData)

    def add(self, result: TaskResultModel) -> None:
        """Add a finished result."""
        self.task_result.add(result)
        self.calib_data.add(result)


@dataclass(frozen=True, slots=True)
class Journal:
    """Results of one run, including those of earlier run attempts. `states` alone changes them."""

    states: TaskStateManager
    recorder: TaskHistoryRecorder
    artifacts: CalibDataSaver
    context: TaskContext

    def replay(self, task: type[BaseTask], qid: str) -> TaskResultModel | None:
        """Return the result that an earlier run attempt completed for the next node, or None if the node must be run."""
        result = self.states.replay(task, qid)
        if result is not None:
            self.context.add(result)
        return result

    def add_attempts(self, results: Sequence[TaskResultModel]) -> list[TaskResultModel]:
        """Record the scheduled results of further task attempts at the nodes of these ended ones."""
        following = [self.states.add_attempt(result) for result in results]
        self.recorder.record_state(following)
        return following

    def skip(self, result: TaskResultModel, reason: str) -> TaskResultModel:
        """Record a task as skipped, with the reason."""
        self.states.update_task_status_to_skipped(result, reason)
        self.record([result])
        return result

    def save_raw_data(
        self, result: TaskResultModel, raw: RawData, artifacts: CalibDataSaver | None = None
    ) -> None:
        """Save the raw data of a result; `artifacts` is that of `save_together`, or None for a single file."""
        path = result.raw_data_file
        saved = (artifacts or self.artifacts).save_raw_data(path, raw)
        self.states.put_raw_data(result, path, list_checksums(self.artifacts, path, saved))

    def find_raw_data(self, result: TaskResultModel) -> None:
        """Set the raw data path of a result if its saving was interrupted after the file was written."""
        path = result.raw_data_file
        with suppress(StoreError):
            if not result.raw_data_path and self.artifacts.exists(path):
                self.states.put_raw_data(result, path, list_checksums(self.artifacts, path))

    def record(self, results: Sequence[TaskResultModel], notes: Sequence[dict[str, Any] | None] = ()) -> None:
        """Record finished results with their consequences, and the calibration note of each."""
        self.recorder.record_outcome(*results, notes=notes)
        for result in results:
            self.context.add(result)

    def end_unfinished(self, message: str) -> None:
        """Record every result that is unfinished in the store: as cancelled, or as it ended if only the write is missing."""
        unfinished = [result for result in self.states.list_results() if self.recorder.is_unfinished(result)]
        for result in unfinished:
            if not result.status.terminal:
                self.states.update_task_status_to_cancelled(result, message)
        if unfinished:
            self.recorder.record_outcome(*unfinished)
