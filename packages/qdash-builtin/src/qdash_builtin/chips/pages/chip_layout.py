"""Positions of the qubits of a chip in drawings, and its couplings."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.chips.operations.topology import chip_topology
from qdash_builtin.figures.positions import compute_positions
from qdash_core.chips.topology import Site, Topology
from qdash_core.models.targets import make_coupling_id
from qdash_ui_streamlit.display.session_cache import cache_in_session

if TYPE_CHECKING:
    from qdash_builtin.chips.views.chips import ChipHeader
    from qdash_builtin.chips.views.layouts import TopologyDocument
    from qdash_ui_streamlit.view import View

_LAYOUT = "qdash.chip.layout"


@dataclass(frozen=True, slots=True)
class ChipLayout:
    """Layout of a chip in drawings: each qubit with x and y in units of about one coupling, where y points down."""

    qubits: list[tuple[str, float, float]]
    couplings: list[str]

    @property
    def version(self) -> int:
        """Checksum of the layout."""
        return zlib.crc32(repr((self.qubits, self.couplings)).encode())


def make_layout(document: TopologyDocument) -> ChipLayout:
    """Return the layout of a topology: its own positions, those of its processor, or computed ones."""
    topology = make_topology(document)
    return ChipLayout(
        [(qid, *place) for qid, place in compute_positions(topology).items()], list(topology.couplings)
    )


def load_layout(view: View, chip_id: str, header: ChipHeader | None) -> ChipLayout:
    """Return the positions of the qubits of a chip, requested once for each of its topologies."""
    meant = (view.project_id, chip_id, header and (header.installed_at, header.topology_id))
    return cache_in_session(_LAYOUT, meant, lambda: make_layout(view.ask(chip_topology, chip_id)))


def make_topology(document: TopologyDocument) -> Topology:
    """Return the topology of a document."""
    sites = tuple(Site(one.id, one.row, one.col, one.mux) for one in document.qubits)
    return Topology(document.name, sites, tuple(make_coupling_id(*pair) for pair in document.couplings))
