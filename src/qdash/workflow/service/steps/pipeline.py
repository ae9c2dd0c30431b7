"""Context that steps share, and the sequence of steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qdash.workflow.service.steps.base import Step
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qdash.workflow.service.results import FilterResult, OneQubitResult, TwoQubitResult

__all__ = ["Pipeline", "StepContext"]

_FIRST = frozenset({"candidate_qids", "candidate_couplings"})
"""Entries that the context of the first step has."""


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


@dataclass
class Pipeline:
    """Steps in order.

    Raises
    ------
    InvalidInputError
        If a step requires what no earlier step provides.
    """

    steps: Sequence[Step]

    def __post_init__(self) -> None:
        available = set(_FIRST)
        for step in self.steps:
            if not isinstance(step, Step):
                raise InvalidInputError(
                    f"{type(step).__name__} is no step of this flow: import all steps from qdash.workflow.service.steps, or derive from its Step"
                )
            if step.requires and not step.requires & available:
                raise InvalidInputError(
                    f"step {step.name} requires {' or '.join(sorted(step.requires))}, which no step before it provides "
                    f"(there are: {', '.join(sorted(available))})"
                )
            available |= step.provides

    def __iter__(self) -> Iterator[Step]:
        """Return the steps in order."""
        return iter(self.steps)

    def __len__(self) -> int:
        """Return the number of steps."""
        return len(self.steps)
