"""What is computed of the recorded values of one metric: the best, mean, median, cumulative distribution; pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.metrics.definitions import Metric
    from qdash_core.models.chip import ParameterModel


def best(recorded: Sequence[ParameterModel], metric: Metric | None) -> ParameterModel | None:
    """Return the best of some values, of equally good ones the first; None where no value of the metric is better."""
    merits = [None if metric is None else metric.merit(float(one.value)) for one in recorded]
    known = [(merit, one) for merit, one in zip(merits, recorded, strict=True) if merit is not None]
    return max(known, key=lambda pair: pair[0])[1] if known else None


def mean(values: Sequence[float]) -> float:
    """Return the mean of at least one value, each with the same weight."""
    return math.fsum(values) / len(values)


def median(values: Sequence[float]) -> float:
    """Return the median of at least one value: of an even number the middle between the two in the middle."""
    ordered = sorted(values)
    half, odd = divmod(len(ordered), 2)
    return ordered[half] if odd else (ordered[half - 1] + ordered[half]) / 2


def standard_deviation(values: Sequence[float]) -> float | None:
    """Return the sample standard deviation; None of fewer than two values."""
    if len(values) < 2:
        return None
    middle = mean(values)
    return math.sqrt(math.fsum((value - middle) ** 2 for value in values) / (len(values) - 1))


def cumulative(values: Sequence[float]) -> list[tuple[float, float]]:
    """Return the empirical distribution: each value once, ascending, with the fraction of values that are not above it."""
    ordered = sorted(values)
    steps = {value: number / len(ordered) for number, value in enumerate(ordered, start=1)}
    return list(steps.items())
