"""Known facts about a chip, from which a backend can simulate it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.backends.base import ChipKnowledge
from qdash_core.chips.design import complete_design
from qdash_core.models.estimates import Parameter

if TYPE_CHECKING:
    from qdash_core.chips.chip import Chip


def collect_knowledge(chip: Chip) -> ChipKnowledge:
    """Return the topology, design, latest accepted values and directions of a chip.

    Adopted values of a simulation are left out: they are no facts about the chip.
    """
    return ChipKnowledge(
        topology=chip.topology.to_document(),
        design=complete_design(chip, {}),
        values={
            target: {
                name: Parameter(known.value, known.error, known.unit)
                for name, known in model.data.items()
                if not known.simulated
            }
            for target, model in {**chip.qubits, **chip.couplings}.items()
        },
        controls={qid: one.control for qid, one in chip.couplings.items() if one.control is not None},
    )
