"""Steps that schedule couplings and run tasks on them."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qdash.workflow.service.results import TwoQubitResult
from qdash.workflow.service.steps.base import CalibrationStep, TransformStep
from qdash.workflow.service.steps.one_qubit import select_tasks
from qdash.workflow.service.tasks import FULL_2Q_TASKS
from qdash_core.models.targets import by_number, parse_qubit_id

if TYPE_CHECKING:
    from qdash.workflow.service.step_service import StepService
    from qdash.workflow.service.steps.context import StepContext
    from qdash.workflow.service.targets import Target

__all__ = ["CustomTwoQubit", "GenerateCRSchedule", "SetCRSchedule", "TwoQubitCalibration"]

logger = logging.getLogger(__name__)

_SCHEDULE = "cr_schedule"
"""Entry of `StepContext.metadata` with groups of (control, target)."""


@dataclass
class CustomTwoQubit(CalibrationStep):
    """Given tasks, in order, on the scheduled couplings. The result is `ctx.metadata[step_name]`."""

    step_name: str = "custom_two_qubit"
    tasks: list[str] = field(default_factory=list)
    max_parallel_ops: int = 10

    def __post_init__(self) -> None:
        if not isinstance(self.step_name, str):  # CustomTwoQubit([..tasks..]), as in the core
            self.tasks, self.step_name = list(self.step_name), "custom_two_qubit"

    @property
    def name(self) -> str:
        """Name of the step."""
        return self.step_name

    @property
    def requires(self) -> set[str]:
        """The candidates."""
        return {"candidate_qids"}

    @property
    def provides(self) -> set[str]:
        """The result and the couplings."""
        return {self.step_name, "candidate_couplings"}

    def execute(self, service: StepService, targets: Target, ctx: StepContext) -> StepContext:  # noqa: ARG002
        """Run the tasks."""
        if not self.tasks:
            logger.warning("step %s names no task", self.name)
            return ctx
        ctx.metadata[self.step_name] = _measure_couplings(
            service, ctx, self.name, self.tasks, max_parallel=self.max_parallel_ops, calibrating=False
        )
        return ctx


@dataclass
class TwoQubitCalibration(CalibrationStep):
    """ZX90 gates of the scheduled couplings by the usual tasks, or by others. The result is `ctx.two_qubit`."""

    tasks: list[str] | None = None
    max_parallel_ops: int = 10

    @property
    def name(self) -> str:
        """Name of the step."""
        return "two_qubit"

    @property
    def requires(self) -> set[str]:
        """The candidates."""
        return {"candidate_qids"}

    @property
    def provides(self) -> set[str]:
        """The result and the couplings."""
        return {self.name, "candidate_couplings"}

    def execute(self, service: StepService, targets: Target, ctx: StepContext) -> StepContext:  # noqa: ARG002
        """Run the tasks. The status of each coupling follows their results."""
        tasks = select_tasks(service, self.tasks, FULL_2Q_TASKS)
        ctx.two_qubit = _measure_couplings(
            service, ctx, self.name, tasks, max_parallel=self.max_parallel_ops, calibrating=True
        )
        return ctx


@dataclass
class GenerateCRSchedule(TransformStep):
    """Directions and groups of the couplings between the candidates, in `ctx.metadata["cr_schedule"]`.

    The qubits on black squares of a checkerboard control, or those on white ones if `inverse`.
    """

    max_parallel_ops: int = 10
    inverse: bool = False

    @property
    def name(self) -> str:
        """Name of the step."""
        return "generate_cr_schedule"

    @property
    def requires(self) -> set[str]:
        """The candidates."""
        return {"candidate_qids"}

    @property
    def provides(self) -> set[str]:
        """The couplings."""
        return {"candidate_couplings"}

    def execute(self, service: StepService, targets: Target, ctx: StepContext) -> StepContext:  # noqa: ARG002
        """Choose directions and groups, and store the directions with the chip."""
        ctx.candidate_couplings = []
        if len(ctx.candidate_qids) < 2:
            logger.warning("step %s has %d candidates: no coupling", self.name, len(ctx.candidate_qids))
            return ctx
        groups = service.schedule_couplings(
            ctx.candidate_qids, inverse=self.inverse, max_parallel=self.max_parallel_ops
        )
        ctx.metadata[_SCHEDULE] = groups
        ctx.candidate_couplings = [f"{control}-{target}" for group in groups for control, target in group]
        return ctx


@dataclass
class SetCRSchedule(TransformStep):
    """Given groups of (control, target), which are measured one after another."""

    schedule: list[list[tuple[str, str]]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Name of the step."""
        return "set_cr_schedule"

    @property
    def provides(self) -> set[str]:
        """The couplings and their qubits."""
        return {"candidate_couplings", "candidate_qids"}

    def execute(self, service: StepService, targets: Target, ctx: StepContext) -> StepContext:  # noqa: ARG002
        """Make the couplings of the schedule the candidates."""
        if not self.schedule:
            logger.warning("step %s has an empty schedule", self.name)
        groups = [
            [(parse_qubit_id(one), parse_qubit_id(other)) for one, other in group] for group in self.schedule
        ]
        pairs = [pair for group in groups for pair in group]
        ctx.candidate_couplings = [f"{control}-{target}" for control, target in pairs]
        ctx.candidate_qids = sorted({qid for pair in pairs for qid in pair}, key=by_number)
        ctx.metadata[_SCHEDULE] = groups
        return ctx


def _measure_couplings(
    service: StepService,
    ctx: StepContext,
    step: str,
    tasks: list[str],
    *,
    max_parallel: int,
    calibrating: bool,
) -> TwoQubitResult:
    """Run tasks on the scheduled couplings, after scheduling those between the candidates if no step has."""
    if len(ctx.candidate_qids) < 2:
        logger.warning("step %s has %d candidates: no coupling", step, len(ctx.candidate_qids))
        return TwoQubitResult()
    groups = ctx.metadata.get(_SCHEDULE)
    if groups is None:
        groups = service.schedule_couplings(ctx.candidate_qids, max_parallel=max_parallel)
    return service.measure_couplings(groups, tasks, max_parallel=max_parallel, calibrating=calibrating)
