"""Run of a pipeline: its steps in the form of the core, with the context that they share."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from qdash.workflow.service.steps.base import Step
from qdash.workflow.service.steps.pipeline import Pipeline, StepContext
from qdash_core.flows.targets import Targets
from qdash_core.models.targets import by_number
from qdash_core.process.interrupts import allow_interrupts
from qdash_core.session.running_flow import UnforeseenError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash.workflow.service.step_service import StepService
    from qdash.workflow.service.targets import Target
    from qdash_core.hooks import flows

_OWN = "qdash.workflow.service.steps."


class PipelineRun:
    """Steps of a flow, and the context that they share.

    A preview has a context of its own. A flow may have steps of the core instead, which share none.

    Parameters
    ----------
    service : StepService
        The service that runs them.
    targets : Target or Targets
        The targets of the flow, or with steps of the core those of the core.
    steps : sequence of Step
        Steps in order.

    Raises
    ------
    InvalidInputError
        If a step requires what no earlier step provides.
    """

    def __init__(
        self, service: StepService, targets: Target | Targets, steps: Sequence[Step | flows.Step]
    ) -> None:
        self.service, self.targets = service, targets
        self.context = StepContext()
        self.is_of_core = not any(isinstance(step, Step) for step in steps)
        self.steps: list[flows.Step] = (
            [cast("flows.Step", step) for step in steps]
            if self.is_of_core
            else [AppliedStep(self, step) for step in Pipeline(cast("Sequence[Step]", steps))]
        )
        self._run: flows.StepRun | None = None

    def select_targets(self) -> Targets:
        """Return the targets of the flow in the form of the core."""
        return (
            self.targets if isinstance(self.targets, Targets) else self.targets.select(self.service.chip_id)
        )

    @property
    def results(self) -> dict[str, Any]:
        """Results of the steps."""
        return self.context.collect_results()

    def enter(self, run: flows.StepRun) -> None:
        """Start with an empty context if this is the first step of a run or of a preview."""
        if run is not self._run:
            self._run = run
            self.context = StepContext(candidate_qids=sorted(run.targets, key=by_number))


@dataclass(frozen=True, slots=True)
class AppliedStep:
    """Step of a flow as a step of the core. Its tasks are known from its preview."""

    flow: PipelineRun
    step: Step
    tasks: Sequence[str] | None = ()

    @property
    def label(self) -> str:
        """Name of the step in previews."""
        return self.step.name

    @property
    def is_foreseeable(self) -> bool:
        """True for a step of QDash; a step that a user's flow defines may do anything."""
        return type(self.step).execute.__module__.startswith(_OWN)

    def apply(self, run: flows.StepRun) -> None:
        """Execute the step.

        Raises
        ------
        UnforeseenError
            If a preview cannot execute it.
        """
        self.flow.enter(run)
        if run.previewing and not self.is_foreseeable:
            raise UnforeseenError("the step decides during the run")
        with self.flow.service.use_run(run), nullcontext() if self.is_foreseeable else allow_interrupts():
            self.flow.context = self.step.execute(
                self.flow.service, cast("Target", self.flow.targets), self.flow.context
            )
