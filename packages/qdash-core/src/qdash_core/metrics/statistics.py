"""What is computed of the values of one metric and the standard library does not: the best one, the distribution; pure."""

from __future__ import annotations

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


def cumulative(values: Sequence[float]) -> list[tuple[float, float]]:
    """Return the empirical distribution: each value once, ascending, with the fraction of values that are not above it."""
    ordered = sorted(values)
    steps = {value: number / len(ordered) for number, value in enumerate(ordered, start=1)}
    return list(steps.items())
