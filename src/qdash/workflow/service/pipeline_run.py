"""Run of a pipeline: its steps in the form of the core, with the context that they share."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qdash.workflow.service.steps.pipeline import Pipeline, StepContext
from qdash_core.interrupts import allow_interrupts
from qdash_core.models.targets import by_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash.workflow.service.calib_service import CalibService
    from qdash.workflow.service.steps.base import Step
    from qdash.workflow.service.targets import Target
    from qdash_core.hooks import flows

_OWN = "qdash.workflow.service.steps."


class UnforeseenStepError(Exception):
    """A preview reached a step of a user's flow, which decides during the run what it measures."""


class PipelineRun:
    """Steps of a flow, and the context that they share.

    A preview has a context of its own.

    Parameters
    ----------
    service : CalibService
        The service that runs them.
    targets : Target
        The targets of the flow.
    steps : sequence of Step
        Steps in order.

    Raises
    ------
    InvalidInputError
        If a step requires what no earlier step provides.
    """

    def __init__(self, service: CalibService, targets: Target, steps: Sequence[Step]) -> None:
        self.service, self.targets = service, targets
        self.steps = [AppliedStep(self, step) for step in Pipeline(steps)]
        self.context = StepContext()
        self._run: flows.StepRun | None = None

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
        UnforeseenStepError
            If a preview cannot execute it.
        """
        self.flow.enter(run)
        if run.previewing and not self.is_foreseeable:
            raise UnforeseenStepError(f"{self.label} decides during the run")
        with self.flow.service.use_run(run), nullcontext() if self.is_foreseeable else allow_interrupts():
            self.flow.context = self.step.execute(self.flow.service, self.flow.targets, self.flow.context)
