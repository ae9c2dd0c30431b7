"""Configuration of the instruments as a step."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash.workflow.service.steps.base import CalibrationStep
from qdash.workflow.service.task_results import make_task_result

if TYPE_CHECKING:
    from qdash.workflow.service.step_service import StepService
    from qdash.workflow.service.steps.context import StepContext
    from qdash.workflow.service.targets import Target

__all__ = ["ConfigureAll"]

logger = logging.getLogger(__name__)


@dataclass
class ConfigureAll(CalibrationStep):
    """Configuration of the whole instrument by the task `ConfigureAll`, if the backend offers it.

    `mux_ids` is accepted for flows of the original: the session configures all that it has locked.
    """

    mux_ids: list[int] | None = None

    @property
    def name(self) -> str:
        """Name of the step."""
        return "configure_all"

    def execute(self, service: StepService, targets: Target, ctx: StepContext) -> StepContext:  # noqa: ARG002
        """Run the task."""
        run = service.step_run
        tasks = run.installed(["ConfigureAll"])
        if not tasks and not run.previewing:
            logger.info("nothing to configure: the backend has no task ConfigureAll")
        results = run.run_on_chip(tasks)
        ctx.metadata[self.name] = make_task_result(results[-1]) if results else {}
        return ctx
