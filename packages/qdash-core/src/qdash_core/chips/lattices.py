"""Built-in topologies: qubits on a grid, each coupled to its nearest neighbours.

Square lattices of multiplexers, lines, and heavy-hex lattices of any size. Only this module derives the
multiplexer from the number of a qubit; everywhere else the topology defines it.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from qdash_core.chips.topology import Site, Topology
from qdash_core.errors import NotFoundError
from qdash_core.models.targets import by_number, make_coupling_id
from qdash_core.parsing.similar_names import suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Place = tuple[int, int]

_MUX_SIZE = 4
"""Number of qubits per readout multiplexer in every built-in topology."""

_SIZED = re.compile(r"(square-lattice-mux|heavy-hex|linear)-([1-9][0-9]{0,5})")
_LARGEST = 10_000
_SQUARE_SIZES = (16, 64, 144, 256, 1024)

# The 27 qubits of IBM's Falcon processors by number, as (row, column): two lines joined by three bridges.
_FALCON = (
    *((1, 0), (1, 1), (2, 1), (3, 1), (1, 2), (3, 2), (0, 3), (1, 3), (3, 3)),
    *((4, 3), (1, 4), (3, 4), (1, 5), (2, 5), (3, 5), (1, 6), (3, 6), (0, 7)),
    *((1, 7), (3, 7), (4, 7), (1, 8), (3, 8), (1, 9), (2, 9), (3, 9), (3, 10)),
)

NAMES = (
    *(f"square-lattice-mux-{size}" for size in _SQUARE_SIZES),
    *("heavy-hex-27", "heavy-hex-65", "heavy-hex-127", "linear-16"),
)
"""Built-in topologies that are listed for users. Others of the same kinds are built on demand."""


def get_builtin_topology(name: str) -> Topology:
    """Return a built-in topology; raise NotFoundError if there is none of that name, and the message names similar ones, or all."""
    sized = _SIZED.fullmatch(name)
    if sized is None:
        hint = suggest(name, NAMES, otherwise=f"; the built-in topologies are {', '.join(NAMES)}")
        raise NotFoundError(f"there is no topology {name!r}{hint}")
    kind, size = sized[1], int(sized[2])
    if size > _LARGEST:
        raise NotFoundError(f"there is no topology {name!r}: the largest have {_LARGEST} qubits")
    try:
        return _make_grid_topology(name, _PLACES[kind](size))
    except ValueError as error:
        raise NotFoundError(f"there is no topology {name!r}: {error}") from None


def _square(size: int) -> list[Place]:
    side = math.isqrt(size)
    if side * side != size or side % 2:
        raise ValueError(f"{size} is not the square of an even number")
    return [_place_in_square(number, side) for number in range(size)]


def _make_line(size: int) -> list[Place]:
    return [(0, col) for col in range(size)]


def _make_heavy_hex(size: int) -> Sequence[Place]:
    """Return the positions of qubits in a heavy-hex lattice, as in IBM's Hummingbird (65) or Eagle (127).

    There are 2 k + 1 rows of 4 k + 3 qubits, and k + 1 bridges between two rows, alternately at columns 0, 4,
    8, ... and 2, 6, 10, ... The last position of the first row and the first of the last row are empty.
    Falcon (27) has a different outline.
    """
    if size == len(_FALCON):
        return _FALCON
    k = 1
    while _compute_heavy_hex_size(k) < size:
        k += 1
    if _compute_heavy_hex_size(k) != size:
        near = " and ".join(str(_compute_heavy_hex_size(one)) for one in (k - 1, k) if one)
        raise ValueError(f"{size} is not the size of a heavy-hex lattice; near: {near}")
    last = 2 * k
    places: list[Place] = []
    for line in range(2 * k + 1):
        cols = range(int(line == last), 4 * k + 3 - int(line == 0))
        places += [(2 * line, col) for col in cols]
        if line < last:
            places += [(2 * line + 1, 4 * bridge + 2 * (line % 2)) for bridge in range(k + 1)]
    return places


def _compute_heavy_hex_size(k: int) -> int:
    return (2 * k + 1) * (4 * k + 3) - 2 + 2 * k * (k + 1)


_PLACES: dict[str, Callable[[int], Sequence[Place]]] = {
    "square-lattice-mux": _square,
    "heavy-hex": _make_heavy_hex,
    "linear": _make_line,
}


def _place_in_square(number: int, side: int) -> Place:
    """Return (row, column) of a qubit: 2 x 2 blocks in reading order, and reading order within a block."""
    block, within = divmod(number, _MUX_SIZE)
    block_row, block_col = divmod(block, side // 2)
    return 2 * block_row + within // 2, 2 * block_col + within % 2


def _make_grid_topology(name: str, places: Sequence[Place]) -> Topology:
    number_at = {place: number for number, place in enumerate(places)}
    couplings = [
        make_coupling_id(str(number), str(number_at[neighbour]))
        for (row, col), number in number_at.items()
        for neighbour in ((row, col + 1), (row + 1, col))
        if neighbour in number_at
    ]
    sites = (Site(str(number), row, col, number // _MUX_SIZE) for number, (row, col) in enumerate(places))
    return Topology(name, tuple(sites), tuple(sorted(couplings, key=by_number)))
