"""Values that switch between two levels, as those of a qubit beside a two-level defect do."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, pstdev
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.metrics.judgement.samples import Sample

_FEWEST_VALUES = 5
"""Values in the history, at least."""
_FEWEST_ON_LEVEL = 2
_FEWEST_SWITCHES = 2
"""Switches in the history, at least: one change alone may be a step for good."""
_SMALLEST_DISTANCE = 5.0
"""Distance of the levels in standard deviations of the values on them, at least."""
_WITHIN = 4.0
"""Distance of a value from its level in standard deviations, at most."""


@dataclass(frozen=True, slots=True)
class LevelSwitches:
    """Two levels of an unstable value.

    Parameters
    ----------
    lower, upper : float
        Mean values of the levels, in the unit of stored values.
    dwell_lower_s, dwell_upper_s : float
        Mean time between the first and the last value of a stay on each level, in seconds, half of the intervals to its neighbours included.
    switches : int
        Number of switches in the history.
    """

    lower: float
    upper: float
    dwell_lower_s: float
    dwell_upper_s: float
    switches: int


def find_level_switches(history: Sequence[Sample], newest: Sample) -> LevelSwitches | None:
    """Return the two levels between which a value switches, or None if its history has none or the newest value is on neither.

    The history is in the order of time, before the newest value. The values are split at the widest gap. Each part is a
    level if it has at least two values that scatter by less than a fifth of the distance of both, and the history
    switches at least twice.
    """
    if len(history) < _FEWEST_VALUES:
        return None
    ordered = sorted(history, key=lambda one: one.value)
    gaps = [after.value - before.value for before, after in pairwise(ordered)]
    place = max(range(len(gaps)), key=gaps.__getitem__) + 1
    lower, upper = ordered[:place], ordered[place:]
    if min(len(lower), len(upper)) < _FEWEST_ON_LEVEL:
        return None
    spread = max(_find_spread(lower), _find_spread(upper))
    low, high = (fmean(one.value for one in some) for some in (lower, upper))
    if high - low < _SMALLEST_DISTANCE * spread:
        return None
    if min(abs(newest.value - low), abs(newest.value - high)) > _WITHIN * math.hypot(spread, newest.error):
        return None
    border = (lower[-1].value + upper[0].value) / 2
    is_upper = [one.value > border for one in history]
    switches = sum(before != after for before, after in pairwise(is_upper))
    if switches < _FEWEST_SWITCHES:
        return None
    dwell = _measure_dwell(history, is_upper)
    return LevelSwitches(low, high, dwell[False], dwell[True], switches)


def _find_spread(samples: Sequence[Sample]) -> float:
    """Return the standard deviation of the values of a level, which is at least their typical error."""
    n = len(samples)
    scatter = pstdev(one.value for one in samples) * math.sqrt(n / (n - 1))
    return max(scatter, fmean(one.error for one in samples))


def _measure_dwell(history: Sequence[Sample], is_upper: Sequence[bool]) -> dict[bool, float]:
    """Return the mean time of a stay on the lower and on the upper level, in seconds; a switch counts half way between its values."""
    time, stays = {False: 0.0, True: 0.0}, {False: 0, True: 0}
    stays[is_upper[0]] = 1
    for (before, after), (first, second) in zip(pairwise(history), pairwise(is_upper), strict=True):
        elapsed = (after.at_s - before.at_s) / 2
        time[first] += elapsed
        time[second] += elapsed
        stays[second] += first != second
    return {side: time[side] / max(stays[side], 1) for side in time}
