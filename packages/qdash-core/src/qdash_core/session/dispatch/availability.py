"""What later tasks of a run can rely on: the values that were there, without those whose maker failed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qdash_core.models.task import TaskStatus

if TYPE_CHECKING:
    from qdash_core.models.task import TaskResultModel
    from qdash_core.tasks.base import BaseTask
    from qdash_core.tasks.inputs import Inputs


@dataclass(slots=True)
class Availability:
    """Which values of each target cannot be relied on in this run, and why."""

    inputs: Inputs
    made: set[tuple[str, str]] = field(default_factory=set)
    lost: dict[tuple[str, str], str] = field(default_factory=dict)

    def reason_to_skip(self, task: type[BaseTask], qid: str) -> str | None:
        """Return why a task must be skipped on a target: the first required input whose maker failed in this run."""
        sources = self.inputs.sources(task, qid)
        for name, declared in task.input_parameters.items():
            key = sources[name]
            if declared.required and declared.default is None and key in self.lost:
                return f"{key[1]} of {key[0]} is not available: {self.lost[key]}"
        return None

    def note(self, result: TaskResultModel) -> None:
        """Learn from a finished result what later tasks can rely on."""
        keys = [(result.qid, name) for name in result.output_parameter_names]
        completed = result.status is TaskStatus.COMPLETED
        accepted = result.accepted
        for key in keys:
            if accepted and key[1] in result.output_parameters:
                self.made.add(key)
                self.lost.pop(key, None)
            elif key not in self.made and not (completed and key[1] in self.inputs.values.of(key[0])):
                how = "did not find it" if accepted else "was flagged" if completed else str(result.status)
                self.lost[key] = f"{result.name} {how}"
