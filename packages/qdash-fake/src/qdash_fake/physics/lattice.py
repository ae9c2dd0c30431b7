"""Frequencies of a chip whose table has none: a pattern that separates neighbours, with scatter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_fake.physics.streams import stream

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_fake.devices import DeviceTable

_HEAVY_HEX_GHZ: tuple[float, ...] = (4.9, 5.0, 5.1)
_SQUARE_GHZ: tuple[float, ...] = (4.876, 4.938, 5.0, 5.062, 5.124)
"""62 MHz apart, so that no two differ by half or the whole of a usual anharmonicity, 155 and 310 MHz."""

_MOST_OF_HEAVY_HEX = 3
"""Largest number of neighbours for which three frequencies suffice."""

_SCATTER_GHZ = 0.017


def draw_frequencies(table: DeviceTable, seed: int) -> dict[str, float]:
    """Return the frequency of every qubit in GHz, from the table or from a pattern with scatter.

    The pattern gives neighbours, and if it can their neighbours, different frequencies: two targets of one control must
    not share one. Three suffice for a heavy-hex lattice (Hertzberg et al. 2021), five for four neighbours, as in a
    square lattice.
    """
    neighbours: dict[str, set[str]] = {qid: set() for qid in table.qids}
    for a, b in table.pairs:
        neighbours[a].add(b)
        neighbours[b].add(a)
    lacking = [row.qid for row in table.qubits if row.frequency_ghz is None]
    most = max((len(near) for near in neighbours.values()), default=0)
    if most <= _MOST_OF_HEAVY_HEX:
        pattern, colours = _HEAVY_HEX_GHZ, _assign_numbers(lacking, neighbours, len(_HEAVY_HEX_GHZ))
    else:
        pattern, colours = _SQUARE_GHZ, _order_by_neighbours(lacking, neighbours, len(_SQUARE_GHZ))
    return {
        row.qid: row.frequency_ghz
        if row.frequency_ghz is not None
        else pattern[colours[row.qid]] + float(stream(seed, row.qid, "frequency").normal(0, _SCATTER_GHZ))
        for row in table.qubits
    }


def _assign_numbers(qids: list[str], neighbours: Mapping[str, set[str]], count: int) -> dict[str, int]:
    """Return a number below `count` for each qubit, in table order."""
    colours: dict[str, int] = {}
    for qid in qids:
        colours[qid] = _choose_colour(qid, neighbours, colours, count)
    return colours


def _order_by_neighbours(qids: list[str], neighbours: Mapping[str, set[str]], count: int) -> dict[str, int]:
    """Return a number below `count` for each qubit, the most constrained qubits first.

    Brelaz, Communications of the ACM 22, 251 (1979). Five suffice on a square lattice.
    """
    around = {
        qid: neighbours[qid] | {two for one in neighbours[qid] for two in neighbours[one]} - {qid}
        for qid in qids
    }
    colours: dict[str, int] = {}
    taken: dict[str, set[int]] = {qid: set() for qid in qids}
    while taken:
        qid = max(taken, key=lambda one: (len(taken[one]), len(around[one])))
        del taken[qid]
        colours[qid] = _choose_colour(qid, neighbours, colours, count)
        for other in around[qid] & taken.keys():
            taken[other].add(colours[qid])
    return colours


def _choose_colour(
    qid: str, neighbours: Mapping[str, set[str]], colours: Mapping[str, int], count: int
) -> int:
    near = [colours[other] for other in neighbours[qid] if other in colours]
    far = [colours[two] for one in neighbours[qid] for two in neighbours[one] - {qid} if two in colours]
    # A clash with a neighbour outweighs all clashes farther away.
    return min(range(count), key=lambda colour: (near.count(colour), far.count(colour), colour))
