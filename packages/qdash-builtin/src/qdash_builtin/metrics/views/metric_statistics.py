"""View models of the statistics of a metric over the targets of a chip."""

from __future__ import annotations

import math
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field

from qdash_builtin.metrics.views.metric_definitions import MetricDefinitionDocument
from qdash_builtin.metrics.views.metric_history import CooldownPeriodDocument
from qdash_builtin.metrics.views.metric_summaries import MetricSummaryDocument
from qdash_builtin.metrics.views.trends import TrendPointDocument
from qdash_builtin.text_pages.csv_tables import make_csv
from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime
from qdash_core.models.marks import Mark
from qdash_core.models.quantities import format_count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_builtin.metrics.definitions import Metric
    from qdash_builtin.metrics.target_statistics import MetricStatistics, SetStatistics
    from qdash_builtin.metrics.value_sets import MetricSeries
    from qdash_core.models.chip_values import KnownValue

_CSV_COLUMNS = (
    *("chip_id", "target", "metric", "value", "error", "unit", "n", "std", "control", "measured_at"),
    *("within_specification", "marks", "set_aside", "mode", "cooldown_id", "since", "until"),
    *("execution_id", "task_id"),
)


class TargetValueDocument(Document):
    """Value of the metric on a target, in the unit of stored values."""

    target: str
    value: float
    error: float | None = None
    n: int | None = None
    """Number of results from which the value was chosen or computed; absent for the latest one."""
    std: float | None = None
    """Sample standard deviation of these results."""
    control: str | None = None
    """The control qubit of a recorded value of a coupling."""
    calibrated_at: UtcDatetime | None = None
    """Time of the measurement; for a computed value, that of the newest."""
    execution_id: str | None = None
    """Absent for a value computed from several results, as is `task_id`."""
    task_id: str | None = None
    within: bool | None = None
    """True if it is within specification; absent if the metric has none."""
    marks: list[Mark] | None = None
    """Marks of a value in use; absent without marks."""

    @classmethod
    def from_value(cls, target: str, known: KnownValue, metric: Metric | None) -> Self:
        """Return the view model of a value."""
        parameter = known.parameter
        judged = metric is not None and metric.has_specification
        return cls.from_record(
            known,
            target=target,
            value=parameter.value,
            error=parameter.error,
            calibrated_at=parameter.calibrated_at,
            execution_id=parameter.execution_id or None,
            task_id=parameter.task_id or None,
            within=metric.is_within(float(parameter.value)) if judged and metric is not None else None,
            marks=[one.mark for one in known.marks] or None,
        )


class MetricSeriesDocument(Document):
    """Accepted values of the metric on a target in the order of time; at most the newest 200."""

    target: str
    points: list[TrendPointDocument]

    @classmethod
    def from_series(cls, series: MetricSeries) -> Self:
        """Return the view model of a series, without validation, as there may be thousands of values."""
        points = [TrendPointDocument._create_unchecked(**one._asdict()) for one in series.points]
        return cls._create_unchecked(target=series.target, points=points)


class DayStatisticsDocument(Document):
    """Statistics of the newest values of all targets at the end of a day, in the unit of stored values."""

    at: UtcDatetime
    n: int
    """Number of targets with a value since the start of the period."""
    median: float
    within: int | None = None
    """Number of values within specification; absent if the metric has none."""


class CoefficientDocument(Document):
    """Correlation coefficient with its 95 % confidence interval."""

    value: float
    low: float
    high: float


class PairDocument(Document):
    """Values of both metrics on a target."""

    target: str
    x: float
    """The metric."""
    x_error: float | None = None
    y: float
    """The other metric."""
    y_error: float | None = None


class CorrelationDocument(Document):
    """Correlation of the metric with the other metric."""

    n: int
    """Number of targets with both values."""
    fewest: int
    """Number of pairs below which there is no coefficient."""
    pearson: CoefficientDocument | None = None
    """Pearson coefficient, of a linear relation; absent for too few pairs, or if one of the metrics has the same value everywhere."""
    spearman: CoefficientDocument | None = None
    """Spearman rank coefficient, of a monotonic relation; single outliers hardly change it. Absent in the same cases."""
    pairs: list[PairDocument]

    def describe_absence(self) -> str:
        """Return the reason why there is no coefficient, or an empty text if there is one."""
        if self.pearson is not None:
            return ""
        have = f"{format_count(self.n, 'target')} {'has' if self.n == 1 else 'have'} both values"
        if self.n < self.fewest:
            return f"no coefficient: {have}, and it needs {self.fewest}"
        return f"no coefficient: {have}, and one of the metrics is the same on all of them"


class HistogramDocument(Document):
    """Numbers of values in bins that all sets of values share."""

    edges: list[float]
    """Edges of the bins, ascending, in the unit of stored values."""
    counts: list[list[int]]
    """Number of values in each bin, for each set of values."""
    scale: Literal["linear", "log"]
    """`log` if the bins have equal ratios of their edges instead of equal widths."""


class SetStatisticsDocument(Document):
    """Statistics of the values of a chip in a period, in the unit of stored values."""

    chip_id: str
    cooldown_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    summary: MetricSummaryDocument
    mean: float | None = None
    std: float | None = None
    """Sample standard deviation over the targets; absent for fewer than two values."""
    lower_quartile: float | None = None
    upper_quartile: float | None = None
    values: list[TargetValueDocument]
    missing: list[str]
    """Targets without a value in the unit."""
    set_aside: list[str]
    """Excluded and dead targets, which are included."""
    other_units: list[str]
    """Targets whose value is left out because it has another unit than most."""
    correlation: CorrelationDocument | None = None
    """Absent if no other metric was requested."""
    series: list[MetricSeriesDocument]
    """Values with time; empty if not requested."""
    days: list[DayStatisticsDocument] = Field(default=[])
    """Periods of 24 h up to the end of the period or until now, from the first value on, oldest first; empty if not requested."""
    cooldowns: list[CooldownPeriodDocument]
    """Cool-downs of the chip, newest first."""

    @property
    def mean_error(self) -> float | None:
        """The standard error of the mean, or None for fewer than two values."""
        return None if self.std is None else self.std / math.sqrt(self.summary.n)

    @property
    def best_value(self) -> TargetValueDocument | None:
        """The best value with its target, or None if the metric has no better direction, or there is no value."""
        best = self.summary.best
        return next((one for one in self.values if best is not None and one.target == best.target), None)

    @classmethod
    def from_statistics(cls, one: SetStatistics, statistics: MetricStatistics) -> Self:
        """Return the view model of one set of the statistics."""
        request, values = statistics.request, one.values
        metric = statistics.definitions.get(request.metric)
        known = values.values[request.metric]
        return cls.from_record(
            one,
            chip_id=values.source.chip_id,
            cooldown_id=values.source.period.cooldown_id,
            since=values.source.period.since,
            until=values.source.period.until,
            summary=MetricSummaryDocument.from_summary(one.summary, metric),
            values=[
                TargetValueDocument.from_value(target, known[target], metric)
                for target in values.targets
                if target in known
            ],
            missing=[target for target in values.targets if target not in known],
            set_aside=values.set_aside,
            correlation=_make_correlation(one),
            series=[MetricSeriesDocument.from_series(series) for series in values.series],
            days=[DayStatisticsDocument.from_record(day) for day in one.days],
            cooldowns=[CooldownPeriodDocument.from_record(cooldown) for cooldown in values.cooldowns],
        )


class MetricStatisticsDocument(Document):
    """Statistics of a metric over the targets of a chip, beside those of another chip or period."""

    metric: str
    kind: Literal["qubit", "coupling"]
    unit: str
    """Unit of stored values; empty if it has none, or if there is no value."""
    definition: MetricDefinitionDocument | None = None
    """Title, display unit and limits; absent if the metrics file has none."""
    mode: str
    other_metric: str | None = None
    other_unit: str | None = None
    other_definition: MetricDefinitionDocument | None = None
    sets: list[SetStatisticsDocument]
    """The requested set of values, and the one beside it."""
    histogram: HistogramDocument | None = None
    """Absent without values."""

    @classmethod
    def from_statistics(cls, statistics: MetricStatistics) -> Self:
        """Return the view model of the statistics of a metric."""
        request, other = statistics.request, statistics.request.other_metric
        return cls.from_record(
            statistics,
            metric=request.metric,
            kind=request.kind,
            unit=statistics.units[request.metric],
            definition=_make_definition(statistics, request.metric),
            mode=request.mode,
            other_metric=other,
            other_unit=None if other is None else statistics.units[other],
            other_definition=None if other is None else _make_definition(statistics, other),
            sets=[SetStatisticsDocument.from_statistics(one, statistics) for one in statistics.sets],
        )


def _make_definition(statistics: MetricStatistics, name: str) -> MetricDefinitionDocument | None:
    metric = statistics.definitions.get(name)
    return None if metric is None else MetricDefinitionDocument.from_metric(metric)


def _make_correlation(one: SetStatistics) -> CorrelationDocument | None:
    if one.correlation is None:
        return None
    pairs = [
        PairDocument(
            target=target,
            x=first.parameter.value,
            x_error=first.parameter.error,
            y=second.parameter.value,
            y_error=second.parameter.error,
        )
        for target, first, second in one.pairs
    ]
    return CorrelationDocument.from_record(one.correlation, pairs=pairs)


def make_statistics_csv(document: MetricStatisticsDocument, *, series: bool) -> str:
    """Return the values of statistics as CSV with a row for each target; times in UTC, unknown fields and missing values empty.

    With `series` there is a row for each value with time instead; a set without such values then has no rows.
    """
    rows = (
        {"chip_id": one.chip_id, "metric": document.metric, "unit": document.unit, **row}
        for one in document.sets
        for row in (_list_points(one) if series else _list_rows(one, document))
    )
    return make_csv(_CSV_COLUMNS, ([row.get(name) for name in _CSV_COLUMNS] for row in rows))


def _list_points(one: SetStatisticsDocument) -> list[dict[str, object]]:
    return [
        {
            "target": series.target,
            "value": point.value,
            "error": point.error,
            "measured_at": point.at.isoformat(),
            "task_id": point.task_id,
        }
        for series in one.series
        for point in series.points
    ]


def _list_rows(one: SetStatisticsDocument, document: MetricStatisticsDocument) -> Iterator[dict[str, object]]:
    period = {
        "mode": document.mode,
        "cooldown_id": one.cooldown_id,
        "since": None if one.since is None else one.since.isoformat(),
        "until": None if one.until is None else one.until.isoformat(),
    }
    set_aside = {*one.set_aside}
    for value in one.values:
        yield {
            **period,
            **value.model_dump(
                include={"target", "value", "error", "n", "std", "control", "execution_id", "task_id"}
            ),
            "measured_at": None if value.calibrated_at is None else value.calibrated_at.isoformat(),
            "within_specification": None if value.within is None else str(value.within).lower(),
            "marks": " ".join(value.marks or ()),
            "set_aside": str(value.target in set_aside).lower(),
        }
    for target in one.missing:
        yield {**period, "target": target, "set_aside": str(target in set_aside).lower()}
