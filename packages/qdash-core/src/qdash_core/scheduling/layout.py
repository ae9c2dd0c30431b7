"""Layout of a chip for strategies: positions and wiring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from qdash_core.chips.topology import Topology


class ModuleWiring(Protocol):
    """Modules of the control electronics for each multiplexer."""

    def modules_of(self, mux: int) -> frozenset[str]:
        """Return the modules whose channels the multiplexer uses; empty: unknown."""

    def boxes_of(self, mux: int) -> frozenset[str]:
        """Return the classes of the boxes that these modules sit in, such as `{"A"}` or `{"A", "B"}`."""


@dataclass(frozen=True)
class Layout:
    """A chip as orderings see it.

    Parameters
    ----------
    topology : Topology
        Places, multiplexers and couplings.
    wiring : ModuleWiring or None
        None: unknown.
    """

    topology: Topology
    wiring: ModuleWiring | None = None
