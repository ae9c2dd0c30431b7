"""Where the qubits of a chip are drawn, and between which of them there is a coupling."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.chips.topology import Site, Topology
from qdash_core.models.targets import coupling_id
from qdash_core.pictures.places import places_of

if TYPE_CHECKING:
    from qdash_core.documents.layouts import TopologyDocument


@dataclass(frozen=True, slots=True)
class Layout:
    """A chip as it is drawn.

    Parameters
    ----------
    qubits : list of (str, float, float)
        Each qubit with x and y in units of about one coupling; y grows downwards.
    couplings : list of str
        Each coupling.
    """

    qubits: list[tuple[str, float, float]]
    couplings: list[str]

    @property
    def version(self) -> int:
        """A number that is another one for another layout."""
        return zlib.crc32(repr((self.qubits, self.couplings)).encode())


def layout_of(document: TopologyDocument) -> Layout:
    """Return where the qubits of a layout are drawn: at their places, those of their processor, or laid out."""
    sites = tuple(Site(one.id, one.row, one.col, one.mux) for one in document.qubits)
    couplings = tuple(coupling_id(f"{first}-{second}") for first, second in document.couplings)
    places = places_of(Topology(document.name, sites, couplings))
    return Layout([(qid, *place) for qid, place in places.items()], list(couplings))
