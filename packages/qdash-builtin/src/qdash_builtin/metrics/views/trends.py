"""View models of the trends of a chip."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import AliasPath, Field

from qdash_core.documents.base import CitedPart, Document

if TYPE_CHECKING:
    from qdash_analysis.trends.page_analysis import ChangePoint
    from qdash_builtin.metrics.trends import ChipTrends, SeriesTrend


class TrendPointDocument(Document):
    """An accepted value with the time of its measurement."""

    at: datetime
    value: float
    error: float | None = None
    task_id: str


class ChangePointDocument(Document):
    """Change of the level between two successive values."""

    before: datetime
    """Time of the last value before the change."""
    after: datetime
    """Time of the first value after it."""
    size: float
    error: float
    deviations: float
    """Size in standard deviations of the noise around the level, without wandering."""
    q_value: float
    """Rate of false discoveries of the page at which this is significant."""

    @classmethod
    def from_change_point(cls, step: ChangePoint, trend: SeriesTrend) -> Self:
        """Return the view model of a step in a series."""
        before, after = trend.points[step.place : step.place + 2]
        return cls.from_record(step, before=before.at, after=after.at)


class DriftDocument(Document):
    """Constant change with time, between change points."""

    per_day: float
    error: float
    q_value: float
    significant: bool


class SpreadDocument(Document):
    """Standard deviation that has to be added to the error bars to explain the scatter."""

    value: float
    error: float
    relative: float | None = None
    """Share of the median of the values; absent for angles, and if the median is 0."""
    reduced_chi2: float
    q_value: float
    significant: bool


class TrendDocument(Document):
    """Newest accepted values of a metric on a target, in the unit of stored values."""

    cited_as: ClassVar[tuple[CitedPart, ...]] = (CitedPart("value", "{chip_id}/{target}/{metric}"),)

    target: str
    metric: str
    unit: str
    n: int
    """Number of values; at least 5 are needed for the rest."""
    points: list[TrendPointDocument]
    """In the order of time."""
    change_points: list[ChangePointDocument]
    unconfirmed: ChangePointDocument | None = None
    """Departure of the newest value alone, which the next value confirms or not."""
    drift: DriftDocument | None = None
    """Absent if there are too few values."""
    spread: SpreadDocument | None = None
    """Absent if there are too few values or no error bars."""
    flagged: list[TrendPointDocument] = Field(default_factory=list)
    """Flagged values that await a decision and are newer than all points. They are not analysed."""

    @classmethod
    def from_trend(cls, trend: SeriesTrend) -> Self:
        """Return the view model of a series."""
        own = trend.analysis
        relative = trend.relative_spread
        return cls.from_record(
            trend,
            n=len(trend.points),
            change_points=[ChangePointDocument.from_change_point(one, trend) for one in own.change_points],
            unconfirmed=own.newest and ChangePointDocument.from_change_point(own.newest, trend),
            drift=own.drift,
            spread=own.spread and SpreadDocument.from_record(own.spread, relative=relative),
        )

    @property
    def has_changed(self) -> bool:
        """True if the level has changed or drifts, or if a newer value is flagged."""
        drifts = self.drift is not None and self.drift.significant
        return bool(self.change_points or self.unconfirmed is not None or drifts or self.flagged)


class SpreadSummaryDocument(Document):
    """Spread of the series of a metric beyond their error bars."""

    metric: str
    significant: int
    judged: int
    """Number of series with enough values and error bars."""
    median: float | None = None
    """Median spread of the significant ones, as a share of the median value of each; absent for angles."""


class ChipTrendsDocument(Document):
    """Trends of a chip, worst first: change points by size, then drift, then spread relative to the values, then the rest."""

    chip_id: str
    change_points: int = Field(validation_alias=AliasPath("n_change_points"))
    unconfirmed: int = Field(validation_alias=AliasPath("n_unconfirmed"))
    drifts: int = Field(validation_alias=AliasPath("n_drifts"))
    spreads: int = Field(validation_alias=AliasPath("n_spreads"))
    spread_summaries: list[SpreadSummaryDocument]
    """Metrics with spread beyond the error bars, the largest relative spread first."""
    false_discovery_rate: float
    """Mean share of false ones among the reported ones of each kind."""
    series: list[TrendDocument]

    @classmethod
    def from_trends(cls, trends: ChipTrends) -> Self:
        """Return the view model of the trends of a chip."""
        from qdash_analysis.trends.false_discoveries import FALSE_DISCOVERY_RATE  # needs numpy

        return cls.from_record(
            trends,
            spread_summaries=trends.summarise_spreads(),
            false_discovery_rate=FALSE_DISCOVERY_RATE,
            series=[TrendDocument.from_trend(one) for one in trends.series],
        )
