"""Context that the steps of a flow share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qdash.workflow.service.results import FilterResult, OneQubitResult, TwoQubitResult


@dataclass
class StepContext:
    """Results of the steps so far, and the targets of the next ones."""

    one_qubit_check: OneQubitResult | None = None
    one_qubit_fine_tune: OneQubitResult | None = None
    two_qubit: TwoQubitResult | None = None
    filters: list[FilterResult] = field(default_factory=list)
    candidate_qids: list[str] = field(default_factory=list)
    candidate_couplings: list[str] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)

    def get_latest_one_qubit_result(self) -> OneQubitResult | None:
        """Return the result of the fine tuning, else that of the check, else None."""
        return self.one_qubit_fine_tune or self.one_qubit_check

    def collect_results(self) -> dict[str, Any]:
        """Return the entries that the steps filled."""
        results: dict[str, Any] = {
            "candidate_qids": self.candidate_qids,
            "candidate_couplings": self.candidate_couplings,
        }
        for name in ("one_qubit_check", "one_qubit_fine_tune", "two_qubit", "filters", "metadata"):
            value = getattr(self, name)
            if value is not None and value not in ([], {}):
                results[name] = value
        return results
