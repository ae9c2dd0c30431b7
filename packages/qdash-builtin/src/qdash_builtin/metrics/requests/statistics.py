"""Query for the statistics of a metric."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from qdash_builtin.metrics.selection import Mode, Period
from qdash_builtin.request_parts.given_time import GivenTime
from qdash_core.models.targets import TargetKind
from qdash_core.operations.bodies import Filter

if TYPE_CHECKING:
    from qdash_builtin.metrics.target_statistics import StatisticsRequest

_Id = Annotated[str | None, Field(max_length=128)]
_Metric = Annotated[str, Field(min_length=1, max_length=100)]


class StatisticsQuery(Filter):
    """Query parameters of a request for the statistics of a metric."""

    metric: _Metric = Field(description="Name of a metric.")
    kind: TargetKind | None = Field(
        default=None, description="Kind of target; absent: that of the metric, qubits if both have it."
    )
    mode: Mode = Field(default=Mode.LATEST, description="Method that reduces the recorded values to one.")
    cooldown_id: _Id = Field(default=None, description="Only values measured in this cool-down.")
    since: GivenTime | None = Field(default=None, description="Only values measured at or after this time.")
    until: GivenTime | None = Field(default=None, description="Only values measured before this time.")
    other_metric: _Metric | None = Field(
        default=None, description="Metric of the same targets, for the correlation."
    )
    other_chip_id: _Id = Field(
        default=None,
        description="Chip of a second set of values; default with another period: the same chip.",
    )
    other_cooldown_id: _Id = Field(default=None, description="Cool-down of the second set of values.")
    other_since: GivenTime | None = Field(default=None, description="Start of the second set of values.")
    other_until: GivenTime | None = Field(default=None, description="End of the second set of values.")
    without_excluded: bool = Field(
        default=False, description="True: excluded and dead targets are left out of all numbers."
    )
    series: bool = Field(default=False, description="True: also the values with time.")
    days: bool = Field(
        default=False,
        description="True: also the median and the yield of the newest values at the end of each day.",
    )

    def make_request(self, chip_id: str) -> StatisticsRequest:
        """Return the request that the query describes; InvalidInputError if it is invalid."""
        from qdash_builtin.metrics.target_statistics import StatisticsRequest  # needs numpy
        from qdash_builtin.metrics.value_sets import ValueSource

        other_period = Period(self.other_cooldown_id, self.other_since, self.other_until)
        other = None
        if self.other_chip_id is not None or other_period:
            other = ValueSource(self.other_chip_id or chip_id, other_period)
        return StatisticsRequest(
            self.metric,
            ValueSource(chip_id, Period(self.cooldown_id, self.since, self.until)),
            other,
            self.other_metric,
            self.kind,
            self.mode,
            without_set_aside=self.without_excluded,
            series=self.series,
            days=self.days,
        )
