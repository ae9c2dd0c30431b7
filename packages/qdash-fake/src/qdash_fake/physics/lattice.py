"""Frequencies of a chip whose table has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_fake.physics.streams import stream

if TYPE_CHECKING:
    from qdash_fake.devices import DeviceTable

_PATTERN_GHZ = (4.9, 5.0, 5.1)
_SCATTER_GHZ = 0.017


def drawn_frequencies(table: DeviceTable, seed: int) -> dict[str, float]:
    """Return every qubit's frequency in GHz: the table's, or one of three plus scatter.

    The pattern of a heavy-hex lattice gives a qubit another frequency than its neighbours and, as far as three suffice,
    than their neighbours: two targets of one control must not share one either (Hertzberg et al. 2021).
    """
    neighbours: dict[str, set[str]] = {qid: set() for qid in table.qids}
    for a, b in table.pairs:
        neighbours[a].add(b)
        neighbours[b].add(a)
    colours: dict[str, int] = {}
    found: dict[str, float] = {}
    for row in table.qubits:
        if row.frequency_ghz is not None:
            found[row.qid] = row.frequency_ghz
            continue
        colours[row.qid] = _colour(row.qid, neighbours, colours)
        scatter = float(stream(seed, row.qid, "frequency").normal(0, _SCATTER_GHZ))
        found[row.qid] = _PATTERN_GHZ[colours[row.qid]] + scatter
    return found


def _colour(qid: str, neighbours: dict[str, set[str]], colours: dict[str, int]) -> int:
    near = [colours[other] for other in neighbours[qid] if other in colours]
    far = [colours[two] for one in neighbours[qid] for two in neighbours[one] - {qid} if two in colours]
    # A clash with a neighbour weighs more than all clashes farther away.
    return min(range(len(_PATTERN_GHZ)), key=lambda colour: (near.count(colour), far.count(colour), colour))
