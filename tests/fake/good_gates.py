"""Gates to measure, found in a fraction of the time that the search for the best one takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qdash_fake.physics.gate_search import GateSearch

if TYPE_CHECKING:
    from qdash_fake.physics.pair import Pair
    from qdash_fake.pulses import ZX90

_SHARES, _TURNS = np.geomspace(0.1, 1.0, 12), np.arange(-2.0, 2.1, 0.5)
"""Drives in units of the largest, and turns of the target by a rotary tone, from which one is chosen."""


class GoodGate(NamedTuple):
    """A gate, and roughly its error."""

    error: float
    gate: ZX90


def good_gate(pair: Pair) -> GoodGate:
    """Return a gate with little coherent error, tuned from the most promising of some drives and rotary tones."""
    search = GateSearch(pair)
    found = search.tuned(search.screened(_SHARES, _TURNS)[0])
    return GoodGate(found.error, search.played(found))
