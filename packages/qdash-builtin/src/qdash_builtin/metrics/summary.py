"""Summary statistics of a metric over a chip, as pure functions."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from qdash_builtin.metrics.statistics import compute_distribution, find_best
from qdash_core.models.marks import count_marks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from qdash_builtin.metrics.definitions import Metric
    from qdash_core.models.chip_values import KnownValue
    from qdash_core.models.marks import Mark


@dataclass(frozen=True, slots=True)
class MetricSummary:
    """Summary of one metric over the targets of a chip, in the unit of stored values.

    Parameters
    ----------
    values : mapping of str to float
        Values by target, for targets that have one.
    within : int or None
        Number of values within specification, without those in use of unfit targets, or None if the metric has none.
    stale : int or None
        Number of values older than the age limit, or None if the metric has none.
    best_target : str or None
        Target with the best value, or None if the metric has no direction.
    marks : mapping of Mark to int
        Number of values with each mark, without zeros.
    """

    name: str
    unit: str
    targets: int
    values: Mapping[str, float]
    within: int | None
    stale: int | None
    best_target: str | None
    marks: Mapping[Mark, int]

    @property
    def missing(self) -> int:
        """Number of targets without a value."""
        return self.targets - len(self.values)

    @property
    def fraction_within(self) -> float | None:
        """The yield: fraction of all targets with a value within specification."""
        return None if self.within is None or not self.targets else self.within / self.targets

    @property
    def median(self) -> float | None:
        """The median of the values, or None if there are none."""
        return median(list(self.values.values())) if self.values else None

    @property
    def cdf(self) -> list[tuple[float, float]]:
        """Ascending values, each with the fraction of values up to it."""
        return compute_distribution(list(self.values.values()))


def summarise_metric(
    name: str,
    metric: Metric | None,
    known: Mapping[str, KnownValue],
    targets: Sequence[str],
    *,
    now: datetime,
) -> MetricSummary:
    """Return the summary of one metric over all targets; `known` has the values of those that have one."""
    values = {target: float(value.parameter.value) for target, value in known.items()}
    units = [value.parameter.unit for value in known.values()]
    chosen = find_best([value.parameter for value in known.values()], metric)
    return MetricSummary(
        name=name,
        unit=units[0] if units else "",
        targets=len(targets),
        values=values,
        within=sum(one.is_usable and metric.is_within(values[target]) for target, one in known.items())
        if metric and metric.has_specification
        else None,
        stale=sum(metric.is_stale(one.parameter.calibrated_at, now=now) for one in known.values())
        if metric and metric.age_limit
        else None,
        best_target=next((target for target, one in known.items() if one.parameter is chosen), None),
        marks=count_marks(value.marks for value in known.values()),
    )
