"""Gates to measure, found in a fraction of the time that the search for the best one takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qdash_fake.physics.gate_search import GateSearch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_fake.physics.pair import Pair
    from qdash_tasks.laboratory.pulses import ZX90

_SHARES = np.geomspace(0.1, 1.0, 12)
"""Drives in units of the largest, from which one is chosen."""
TURNS = tuple(np.arange(-2.0, 2.1, 0.5).tolist())
"""Turns of the target by a rotary tone, from which one is chosen."""


class GoodGate(NamedTuple):
    """A gate, and roughly its error."""

    error: float
    gate: ZX90


def good_gate(pair: Pair, turns: Sequence[float] = TURNS) -> GoodGate:
    """Return a gate with little coherent error, tuned from the most promising of some drives and rotary tones."""
    search = GateSearch(pair)
    found = search.tuned(search.screened(_SHARES, np.asarray(turns))[0])
    return GoodGate(found.error, search.played(found))
