"""A chip as it is stored, without its values: for who only shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.chips.topology import Site, Topology
from qdash_core.models.pages import Page
from qdash_core.models.targets import by_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.models.chip import ChipModel, StoredState
    from qdash_core.models.pages import PageRequest


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

    @property
    def topology(self) -> Topology:
        """Its qubits and couplings, and where they sit."""
        sites = (Site(one["qid"], one.get("row"), one.get("col"), one.get("mux")) for one in self.qubits)
        return Topology(self.header.topology_id, tuple(sites), tuple(one["qid"] for one in self.couplings))

    def qubits_page(self, request: PageRequest) -> Page[StoredState]:
        """Return a page of its qubits."""
        return Page.of_all(self.qubits, request, _place)

    def couplings_page(self, request: PageRequest) -> Page[StoredState]:
        """Return a page of its couplings."""
        return Page.of_all(self.couplings, request, _place)


def _place(state: StoredState) -> tuple[int | str, ...]:
    return tuple(part for number in by_number(state["qid"]) for part in number)
