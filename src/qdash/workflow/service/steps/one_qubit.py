"""Steps that run tasks on qubits."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qdash.workflow.service.modes import Mode  # noqa: TC001  flow checks read the annotations
from qdash.workflow.service.results import OneQubitResult
from qdash.workflow.service.steps.base import CalibrationStep
from qdash.workflow.service.tasks import CHECK_1Q_TASKS, FULL_1Q_TASKS_AFTER_CHECK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash.workflow.service.step_service import StepService
    from qdash.workflow.service.steps.context import StepContext
    from qdash.workflow.service.targets import Target

__all__ = ["CustomOneQubit", "OneQubitCheck", "OneQubitFineTune"]

logger = logging.getLogger(__name__)


@dataclass
class CustomOneQubit(CalibrationStep):
    """Given tasks, in order, on the qubits of the flow. The result is `ctx.metadata[step_name]`."""

    step_name: str = "custom_one_qubit"
    tasks: list[str] = field(default_factory=list)
    mode: Mode = "synchronized"

    def __post_init__(self) -> None:
        if not isinstance(self.step_name, str):  # CustomOneQubit([..tasks..]), as in the core
            self.tasks, self.step_name = list(self.step_name), "custom_one_qubit"

    @property
    def name(self) -> str:
        """Name of the step."""
        return self.step_name

    @property
    def provides(self) -> set[str]:
        """The result and the candidates."""
        return {self.step_name, "candidate_qids"}

    def execute(self, service: StepService, targets: Target, ctx: StepContext) -> StepContext:
        """Run the tasks."""
        if not self.tasks:
            logger.warning("step %s names no task", self.name)
            return ctx
        qids = targets.to_qids(service.chip_id)
        ctx.metadata[self.step_name] = service.measure_qubits(qids, self.tasks, mode=self.mode)
        return ctx


@dataclass
class OneQubitCheck(CalibrationStep):
    """Check of the qubits of the flow by the usual tasks, or by others. The result is `ctx.one_qubit_check`."""

    mode: Mode = "synchronized"
    tasks: list[str] | None = None
    configure: bool = False

    @property
    def name(self) -> str:
        """Name of the step."""
        return "one_qubit_check"

    @property
    def provides(self) -> set[str]:
        """The result and the candidates."""
        return {self.name, "candidate_qids"}

    def execute(self, service: StepService, targets: Target, ctx: StepContext) -> StepContext:
        """Run the tasks."""
        qids = targets.to_qids(service.chip_id)
        tasks = select_tasks(service, self.tasks, CHECK_1Q_TASKS, configure=self.configure)
        ctx.one_qubit_check = service.measure_qubits(qids, tasks, mode=self.mode)
        return ctx


@dataclass
class OneQubitFineTune(CalibrationStep):
    """Fine tuning of the candidates by the usual tasks, or by others. The result is `ctx.one_qubit_fine_tune`."""

    mode: Mode = "synchronized"
    tasks: list[str] | None = None
    configure: bool = False

    @property
    def name(self) -> str:
        """Name of the step."""
        return "one_qubit_fine_tune"

    @property
    def provides(self) -> set[str]:
        """The result and the candidates."""
        return {self.name, "candidate_qids"}

    def execute(self, service: StepService, targets: Target, ctx: StepContext) -> StepContext:  # noqa: ARG002
        """Run the tasks. Without candidates nothing is measured."""
        if not ctx.candidate_qids:
            logger.warning("step %s has no candidates", self.name)
            ctx.one_qubit_fine_tune = OneQubitResult()
            return ctx
        tasks = select_tasks(service, self.tasks, FULL_1Q_TASKS_AFTER_CHECK, configure=self.configure)
        ctx.one_qubit_fine_tune = service.measure_qubits(ctx.candidate_qids, tasks, mode=self.mode)
        return ctx


def select_tasks(
    service: StepService, named: Sequence[str] | None, usual: Sequence[str], *, configure: bool = False
) -> list[str]:
    """Return the tasks of a step: those that it names, or the usual ones that the backend offers.

    Parameters
    ----------
    configure : bool
        Whether the task `Configure` comes first, if the backend offers it.
    """
    run = service.step_run
    first = run.installed(["Configure"]) if configure else []
    if named is not None:
        return [*first, *named]
    offered = set(run.installed(usual))
    if absent := [name for name in dict.fromkeys(usual) if name not in offered]:
        logger.warning("not run: %s, which the backend does not offer", ", ".join(absent))
    return [*first, *(name for name in usual if name in offered)]
