"""Steps that reduce the candidates by the last result on qubits."""

from __future__ import annotations

import logging
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash.workflow.service.results import FilterResult
from qdash.workflow.service.steps.base import TransformStep
from qdash_core.parsing.similar_names import suggest

if TYPE_CHECKING:
    from qdash.workflow.service.results import OneQubitResult
    from qdash.workflow.service.step_service import StepService
    from qdash.workflow.service.steps.context import StepContext
    from qdash.workflow.service.targets import Target

__all__ = ["FilterByMetric", "FilterByStatus"]

logger = logging.getLogger(__name__)


@dataclass
class _Filter(TransformStep):
    """Filter of the candidates by the last result on qubits."""

    @property
    def requires(self) -> set[str]:
        """A result on qubits."""
        return {"one_qubit_check", "one_qubit_fine_tune"}

    @property
    def provides(self) -> set[str]:
        """The candidates."""
        return {"candidate_qids"}

    @property
    @abstractmethod
    def criteria(self) -> str:
        """The condition, for people."""

    @abstractmethod
    def find_obstacle(self, qid: str, result: OneQubitResult) -> str | None:
        """Return why a qubit does not pass, or None if it passes."""

    def execute(self, service: StepService, targets: Target, ctx: StepContext) -> StepContext:  # noqa: ARG002
        """Reduce the candidates, and record which were left out."""
        result = ctx.get_latest_one_qubit_result()
        run = service.step_run
        if result is None or run.previewing:
            if not run.previewing:
                logger.warning("filter %s: no result on qubits, all candidates stay", self.name)
            return ctx
        before = list(ctx.candidate_qids)
        run.set_targets(before)
        run.keep(lambda qubit: self.find_obstacle(qubit.qid, result))  # a qubit: the targets are no couplings
        ctx.candidate_qids = list(run.targets)
        ctx.filters.append(FilterResult(before, list(ctx.candidate_qids), self.criteria))
        return ctx


@dataclass
class FilterByMetric(_Filter):
    """Filter that passes qubits on which a metric is known and not below the threshold."""

    metric: str = "x90_fidelity"
    threshold: float = 0.9

    @property
    def name(self) -> str:
        """Name of the step."""
        return f"filter_by_{self.metric}"

    @property
    def criteria(self) -> str:
        """The condition, for people."""
        return f"{self.metric} >= {self.threshold}"

    def find_obstacle(self, qid: str, result: OneQubitResult) -> str | None:
        """Return why a qubit does not pass, or None if it passes."""
        value = result.get_metric(qid, self.metric)
        if value is None:
            data = result.get_qubit(qid)
            hint = suggest(self.metric, data.metrics, cutoff=0.9) if data else ""
            return f"{self.metric} was not measured{hint}"
        return None if value >= self.threshold else f"{self.metric} {value:.4g} is below {self.threshold:g}"


@dataclass
class FilterByStatus(_Filter):
    """Filter that passes qubits on which every task completed."""

    @property
    def name(self) -> str:
        """Name of the step."""
        return "filter_by_status"

    @property
    def criteria(self) -> str:
        """The condition, for people."""
        return "status == success"

    def find_obstacle(self, qid: str, result: OneQubitResult) -> str | None:
        """Return why a qubit does not pass, or None if it passes."""
        data = result.get_qubit(qid)
        if data is None:
            return "was not measured"
        return None if data.status == "success" else data.raw.get("error", "a task failed")
