"""Sequence of steps, checked before the first one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash.workflow.service.steps.base import Step
from qdash.workflow.service.steps.context import StepContext
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Pipeline", "StepContext"]

_FIRST = frozenset({"candidate_qids", "candidate_couplings"})
"""Entries that the context of the first step has."""


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
