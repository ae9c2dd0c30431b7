"""Base classes of steps, also for those that flows define."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qdash.workflow.service.steps.context import StepContext

__all__ = ["CalibrationStep", "Step", "TransformStep"]


@dataclass
class Step(ABC):
    """Step of a flow. A subclass in a flow names itself and runs tasks with `service.execute_task`, or other steps."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Name of the step."""

    @property
    def requires(self) -> set[str]:
        """Entries of the context that earlier steps provide; one of several is enough."""
        return set()

    @property
    def provides(self) -> set[str]:
        """Entries of the context that the step fills."""
        return {self.name}

    @abstractmethod
    def execute(self, service: Any, targets: Any, ctx: StepContext) -> StepContext:
        """Perform the step with a `CalibService` on a `Target`, and return the context for the next step."""


@dataclass
class CalibrationStep(Step):
    """Step that measures."""


@dataclass
class TransformStep(Step):
    """Step that selects or orders targets."""
