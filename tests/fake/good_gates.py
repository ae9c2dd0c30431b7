"""Gates for tests of measurements, from a fast approximate search."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qdash_fake.physics.gate_search import GateSearch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_fake.physics.pair import Pair
    from qdash_tasks.laboratory.pulses import ZX90

_SHARES = np.geomspace(0.1, 1.0, 12)
"""Candidate drives in units of the largest."""
TURNS = tuple(np.arange(-2.0, 2.1, 0.5).tolist())
"""Candidate rotations of the target by a rotary tone."""


class GoodGate(NamedTuple):
    """A gate and its approximate error."""

    error: float
    gate: ZX90


def good_gate(pair: Pair, turns: Sequence[float] = TURNS) -> GoodGate:
    """Return a gate with little coherent error, tuned from the best of some drives and rotary tones."""
    search = GateSearch(pair)
    found = search.tune(search.screen(_SHARES, np.asarray(turns))[0])
    return GoodGate(found.error, search.make_gate(found))
