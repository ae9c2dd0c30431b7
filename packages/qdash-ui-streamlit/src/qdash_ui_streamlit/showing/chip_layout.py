"""Where the qubits of a chip are drawn, and between which of them there is a coupling."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.chips.topology import Site, Topology
from qdash_core.models.targets import coupling_of
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
    topology = topology_of(document)
    return Layout([(qid, *place) for qid, place in places_of(topology).items()], list(topology.couplings))


def topology_of(document: TopologyDocument) -> Topology:
    """Return the layout that a document shows."""
    sites = tuple(Site(one.id, one.row, one.col, one.mux) for one in document.qubits)
    return Topology(document.name, sites, tuple(coupling_of(*pair) for pair in document.couplings))
