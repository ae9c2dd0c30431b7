"""Histogram of one or more sets of values with common bins, as pure functions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_FEWEST, _MOST = 4, 40
"""Smallest and largest number of bins."""
_LOGARITHMIC = 100.0
"""Ratio of the largest to the smallest value above which the bins are logarithmic: one decade may be a single outlier."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """Numbers of values in bins.

    A bin includes its lower edge, the last one both; `counts` has one list for each set. Bins of the scale `log` have
    equal ratios of their edges.
    """

    edges: list[float]
    counts: list[list[int]]
    scale: Literal["linear", "log"]


def compute_histogram(sets: Sequence[Sequence[float]]) -> Histogram | None:
    """Return the histogram of sets of finite values, or None if all are empty.

    The bins are logarithmic if all values are positive and span more than two decades. Their width follows the Freedman–Diaconis
    rule for all values together.
    """
    values = np.array([value for one in sets for value in one], float)
    if not len(values):
        return None
    low, high = float(values.min()), float(values.max())
    is_log = low > 0 and high / low > _LOGARITHMIC
    if low == high:
        half = abs(low) / 100 or 0.5
        edges = np.array([low - half, low + half])
    elif is_log:
        edges = np.exp(np.linspace(math.log(low), math.log(high), _count_bins(np.log(values)) + 1))
    else:
        edges = np.linspace(low, high, _count_bins(values) + 1)
    if low < high:
        edges[0], edges[-1] = low, high  # a rounded edge would leave out the smallest or largest value
    counts = [np.histogram(np.array(one, float), bins=edges)[0].tolist() for one in sets]
    return Histogram(edges.tolist(), counts, "log" if is_log else "linear")


def _count_bins(values: NDArray[np.float64]) -> int:
    """Return the number of bins of equal width between the smallest and the largest value, which differ."""
    lower, upper = np.percentile(values, [25, 75])
    width = 2 * float(upper - lower) / math.cbrt(len(values))
    span = float(values.max() - values.min())
    if width <= span / _MOST:
        return _MOST if width > 0 else min(_MOST, max(_FEWEST, math.ceil(math.log2(len(values)) + 1)))
    return min(_MOST, max(_FEWEST, math.ceil(span / width)))
