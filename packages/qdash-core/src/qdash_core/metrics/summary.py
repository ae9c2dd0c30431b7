"""What the values of a metric say of a chip: how many there are and are good, median, best, distribution; pure."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from qdash_core.metrics.statistics import best, cumulative

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from qdash_core.metrics.definitions import Metric
    from qdash_core.metrics.values import KnownValue


@dataclass(frozen=True, slots=True)
class MetricSummary:
    """One metric on the targets of a chip. Values are in the unit in which they are stored.

    Parameters
    ----------
    name : str
        The metric.
    unit : str
        That of its values.
    targets : int
        How many targets there are.
    values : mapping of str to float
        Target to value, of those that have one.
    within : int or None
        How many values are within specification; None where the metric has none.
    stale : int or None
        How many are older than the age limit of the metric; None where it has none.
    best_target : str or None
        Who has the best value; None where no value of the metric is better.
    """

    name: str
    unit: str
    targets: int
    values: Mapping[str, float]
    within: int | None
    stale: int | None
    best_target: str | None

    @property
    def missing(self) -> int:
        """How many targets have no value."""
        return self.targets - len(self.values)

    @property
    def fraction_within(self) -> float | None:
        """The yield: the share of all targets that have a value within specification. One without a value has none."""
        return None if self.within is None or not self.targets else self.within / self.targets

    @property
    def median(self) -> float | None:
        """The median of the values, if there are any."""
        return median(list(self.values.values())) if self.values else None

    @property
    def cdf(self) -> list[tuple[float, float]]:
        """The values, ascending, each with the fraction of values that are not above it."""
        return cumulative(list(self.values.values()))


def summary_of(
    name: str,
    metric: Metric | None,
    known: Mapping[str, KnownValue],
    targets: Sequence[str],
    *,
    now: datetime,
) -> MetricSummary:
    """Return what the values of one metric say.

    Parameters
    ----------
    name : str
        The metric.
    metric : Metric or None
        What is known about it.
    known : mapping of str to KnownValue
        Target to value.
    targets : sequence of str
        Every target that there is.
    now : datetime
        The present moment.
    """
    values = {target: float(value.parameter.value) for target, value in known.items()}
    units = [value.parameter.unit for value in known.values()]
    chosen = best([value.parameter for value in known.values()], metric)
    return MetricSummary(
        name=name,
        unit=units[0] if units else "",
        targets=len(targets),
        values=values,
        within=sum(map(metric.is_within, values.values())) if metric and metric.has_specification else None,
        stale=sum(metric.is_stale(one.parameter.calibrated_at, now=now) for one in known.values())
        if metric and metric.age_limit
        else None,
        best_target=next((target for target, one in known.items() if one.parameter is chosen), None),
    )
