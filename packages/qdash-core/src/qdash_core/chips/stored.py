"""A chip as it is stored, without its values: for who only shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.models.chip import ChipModel, StoredState


@dataclass(frozen=True, slots=True)
class StoredChip:
    """A chip with the states of its qubits and couplings, by number.

    Parameters
    ----------
    header : ChipModel
        The chip.
    qubits, couplings : sequence of StoredState
        What doors show of each.
    """

    header: ChipModel
    qubits: Sequence[StoredState]
    couplings: Sequence[StoredState]
