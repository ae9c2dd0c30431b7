"""Times on the grids of instruments."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache

_FINEST = 10_000
"""Fractions of a nanosecond that grids consist of."""
GRID_SLACK = 1e-6
"""Rounding error, in units of a grid step, that is ignored."""


def round_up(ns: float, grid_ns: float) -> float:
    """Return the shortest time on a grid that is not below `ns`, up to rounding."""
    return math.ceil(ns / grid_ns - GRID_SLACK) * grid_ns


def round_down(ns: float, grid_ns: float) -> float:
    """Return the longest time on a grid that is not above `ns`, up to rounding."""
    return math.floor(ns / grid_ns + GRID_SLACK) * grid_ns


@cache
def find_common_grid_ns(*grids_ns: float) -> float:
    """Return the finest grid contained in all of these, in ns."""
    parts = [Fraction(grid_ns).limit_denominator(_FINEST) for grid_ns in set(grids_ns)]
    above = math.lcm(*(part.numerator for part in parts))
    return above / math.gcd(*(part.denominator for part in parts))
