"""What one execution has found so far, in memory: results by target, and the values that were accepted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.tasks.base import ChipView


@dataclass(slots=True)
class TaskResults:
    """The results of an execution by kind and target, in the order in which they ended."""

    system_tasks: list[TaskResultModel] = field(default_factory=list)
    global_tasks: list[TaskResultModel] = field(default_factory=list)
    mux_tasks: dict[str, list[TaskResultModel]] = field(default_factory=dict)
    qubit_tasks: dict[str, list[TaskResultModel]] = field(default_factory=dict)
    coupling_tasks: dict[str, list[TaskResultModel]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing has ended yet."""
        kinds = (self.system_tasks, self.global_tasks, self.mux_tasks, self.qubit_tasks, self.coupling_tasks)
        return not any(kinds)

    def add(self, result: TaskResultModel) -> None:
        """Sort a finished result in."""
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
    """The values accepted in an execution, by target and name."""

    qubit: dict[str, dict[str, ParameterModel]] = field(default_factory=dict)
    coupling: dict[str, dict[str, ParameterModel]] = field(default_factory=dict)

    def add(self, result: TaskResultModel) -> None:
        """Take over the values of a result, if it was accepted."""
        if not result.accepted:
            return
        if result.task_type == "qubit":
            self.qubit.setdefault(result.qid, {}).update(result.output_parameters)
        elif result.task_type == "coupling":
            self.coupling.setdefault(result.qid, {}).update(result.output_parameters)


@dataclass(slots=True)
class TaskContext:
    """State and results of one execution."""

    execution_id: str
    chip: ChipView
    task_result: TaskResults = field(default_factory=TaskResults)
    calib_data: CalibData = field(default_factory=CalibData)

    def add(self, result: TaskResultModel) -> None:
        """Take in a finished result."""
        self.task_result.add(result)
        self.calib_data.add(result)
