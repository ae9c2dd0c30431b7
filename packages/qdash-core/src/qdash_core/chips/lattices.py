"""The topologies that need no file: qubits on a grid, each coupled to its nearest neighbours."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from qdash_core.chips.ids import by_number, coupling_of
from qdash_core.chips.topology import Site, Topology
from qdash_core.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

    Place = tuple[int, int]

MUX_SIZE = 4
"""Qubits that one readout multiplexer serves in every built-in topology."""

_SQUARE = re.compile(r"square-lattice-mux-([1-9][0-9]{0,5})")
_SQUARE_SIZES = (16, 64, 144, 256, 1024)

# The 27 qubits of IBM's Falcon processors by number, as (row, column): two lines joined by three bridges.
_FALCON = (
    *((1, 0), (1, 1), (2, 1), (3, 1), (1, 2), (3, 2), (0, 3), (1, 3), (3, 3)),
    *((4, 3), (1, 4), (3, 4), (1, 5), (2, 5), (3, 5), (1, 6), (3, 6), (0, 7)),
    *((1, 7), (3, 7), (4, 7), (1, 8), (3, 8), (1, 9), (2, 9), (3, 9), (3, 10)),
)
_FIXED: dict[str, Sequence[Place]] = {
    "heavy-hex-27": _FALCON,
    "linear-16": [(0, col) for col in range(16)],
}

NAMES = (*(f"square-lattice-mux-{size}" for size in _SQUARE_SIZES), *_FIXED)
"""The built-in topologies. Other squares with an even side are built on demand."""


def built_in(name: str) -> Topology:
    """Return a built-in topology.

    Raises
    ------
    NotFoundError
        If there is none of that name. The message names the nearest, or all.
    """
    if name in _FIXED:
        return _on_grid(name, _FIXED[name])
    square = _SQUARE.fullmatch(name)
    if square is None:
        raise NotFoundError(f"there is no topology {name!r} and no such file; {_suggestion(name)}")
    size = int(square[1])
    side = math.isqrt(size)
    if side * side != size or side % 2:
        raise NotFoundError(f"there is no topology {name!r}: {size} is not the square of an even number")
    return _on_grid(name, [_place_in_square(number, side) for number in range(size)])


def _place_in_square(number: int, side: int) -> Place:
    """Return (row, column): blocks of 2 x 2 in reading order, and so the four qubits within a block."""
    block, within = divmod(number, MUX_SIZE)
    block_row, block_col = divmod(block, side // 2)
    return 2 * block_row + within // 2, 2 * block_col + within % 2


def _on_grid(name: str, places: Sequence[Place]) -> Topology:
    number_at = {place: number for number, place in enumerate(places)}
    couplings = [
        coupling_of(str(number), str(number_at[neighbour]))
        for (row, col), number in number_at.items()
        for neighbour in ((row, col + 1), (row + 1, col))
        if neighbour in number_at
    ]
    sites = (Site(str(number), row, col, number // MUX_SIZE) for number, (row, col) in enumerate(places))
    return Topology(name, tuple(sites), tuple(sorted(couplings, key=by_number)))


def _suggestion(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, NAMES, n=1)
    return f"did you mean {near[0]!r}?" if near else f"built in are {', '.join(NAMES)}"
