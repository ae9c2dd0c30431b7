"""What the qubit of a task was meant to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_tasks.laboratory.design import QubitDesign

if TYPE_CHECKING:
    from qdash_core.tasks.base import RunContext
    from qdash_tasks.laboratory.port import Laboratory


def qubit_design(context: RunContext, laboratory: Laboratory) -> QubitDesign:
    """Return the design values of the target."""
    given = laboratory.design[context.qid]  # type: ignore[attr-defined]  # until chips hold them: context.design
    return QubitDesign(
        qubit_frequency_ghz=given.qubit_frequency_ghz,
        anharmonicity_ghz=given.anharmonicity_ghz,
        resonator_frequency_ghz=given.resonator_frequency_ghz,
    )
