"""Layout of a chip for strategies: positions and wiring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from qdash_core.chips.topology import Topology


class ModuleWiring(Protocol):
    """Modules of the control electronics for each multiplexer."""

    def get_modules(self, mux: int) -> frozenset[str]:
        """Return the modules whose channels the multiplexer uses; empty if unknown."""

    def get_boxes(self, mux: int) -> frozenset[str]:
        """Return the classes of the boxes that these modules sit in, such as `{"A"}` or `{"A", "B"}`."""

    def box_class(self, module: str) -> str:
        """Return the class of the box that a module sits in."""


@dataclass(frozen=True)
class Layout:
    """Chip data for strategies that order qubits.

    `topology` has the positions, multiplexers and couplings. `wiring` is None if unknown.
    """

    topology: Topology
    wiring: ModuleWiring | None = None
