"""What the chip was meant to be, as a task reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_tasks.laboratory.design import QubitDesign

if TYPE_CHECKING:
    from qdash_core.tasks.base import RunContext


def qubit_design(context: RunContext, qid: str | None = None) -> QubitDesign:
    """Return the design values of the target, or of one qubit of a coupling."""
    return QubitDesign.of_values(context.design.get(qid or context.qid, {}))
