"""Best value and empirical distribution of a metric, as pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.metrics.definitions import Metric
    from qdash_core.models.chip import ParameterModel


def find_best(recorded: Sequence[ParameterModel], metric: Metric | None) -> ParameterModel | None:
    """Return the best value, the first among equals, or None if the metric has no direction."""
    merits = [None if metric is None else metric.compute_merit(float(one.value)) for one in recorded]
    known = [(merit, one) for merit, one in zip(merits, recorded, strict=True) if merit is not None]
    return max(known, key=lambda pair: pair[0])[1] if known else None


def compute_distribution(values: Sequence[float]) -> list[tuple[float, float]]:
    """Return the empirical distribution: ascending unique values with the fraction of values up to each."""
    ordered = sorted(values)
    steps = {value: number / len(ordered) for number, value in enumerate(ordered, start=1)}
    return list(steps.items())
