"""Statistics of a metric over the targets of a chip, beside those of another chip or period."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from statistics import fmean, median, stdev
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.trends.correlations import compute_correlation
from qdash_analysis.trends.histograms import compute_histogram
from qdash_builtin.metrics.selection import Mode
from qdash_builtin.metrics.summary import summarise_metric
from qdash_builtin.metrics.value_sets import ValueReader, find_unit
from qdash_core.errors import InvalidInputError
from qdash_core.models.targets import TARGET_KINDS
from qdash_core.repositories.chips import ChipRepository

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from qdash_analysis.trends.correlations import Correlation
    from qdash_analysis.trends.histograms import Histogram
    from qdash_builtin.metrics.definitions import Metric, MetricsFile
    from qdash_builtin.metrics.judgement.reader import JudgementReader
    from qdash_builtin.metrics.summary import MetricSummary
    from qdash_builtin.metrics.value_sets import MetricSeries, ValueSet, ValueSource
    from qdash_core.models.chip_values import KnownValue
    from qdash_core.models.targets import TargetKind
    from qdash_core.repositories.repositories import Repositories

LONGEST = 200
"""Number of values of a target in its series, the newest ones."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class StatisticsRequest:
    """Metric, sets of values and requested statistics.

    Parameters
    ----------
    other_source : ValueSource or None
        Chip and period of the values beside those of `source`.
    other_metric : str or None
        Metric whose correlation with the first one is requested.
    kind : str or None
        Kind of target; None for that of the metric, and qubits if both kinds have it.
    without_set_aside : bool
        Whether to leave out excluded and dead targets, which otherwise count as in a yield.
    series, days : bool
        Whether to list the newest values of each target with time, and the statistics at the ends of days.
    """

    metric: str
    source: ValueSource
    other_source: ValueSource | None = None
    other_metric: str | None = None
    kind: TargetKind | None = None
    mode: Mode = Mode.LATEST
    without_set_aside: bool = False
    series: bool = False
    days: bool = False

    def __post_init__(self) -> None:
        """Raise InvalidInputError if a period encloses no time, or both metrics or both sources are the same."""
        for one in self.sources:
            one.period.check()
        if self.metric == self.other_metric:
            raise InvalidInputError(f"the correlation of {self.metric} needs another metric")
        if self.source == self.other_source:
            raise InvalidInputError(
                f"the values beside those of {self.source.chip_id} are the same: name another chip, cool-down or time range"
            )

    @property
    def sources(self) -> tuple[ValueSource, ...]:
        """Both sources, or the only one."""
        return (self.source,) if self.other_source is None else (self.source, self.other_source)

    @property
    def metrics(self) -> tuple[str, ...]:
        """Both metrics, or the only one."""
        return (self.metric,) if self.other_metric is None else (self.metric, self.other_metric)


@dataclass(frozen=True, slots=True)
class DayStatistics:
    """Statistics of the newest values of all targets at the end of a day.

    Parameters
    ----------
    n : int
        Number of targets with a value.
    within : int or None
        Number of values within specification, or None if the metric has none.
    """

    at: datetime
    n: int
    median: float
    within: int | None


@dataclass(frozen=True, slots=True)
class SetStatistics:
    """Statistics of a set of values. Numbers are None without values.

    Parameters
    ----------
    values : ValueSet
        Those in another unit than most are left out.
    summary : MetricSummary
        Number, yield, median, best value and distribution.
    std : float or None
        Sample standard deviation, or None for fewer than two values.
    other_units : sequence of str
        Targets whose value was left out for its unit.
    pairs : sequence of tuple
        Targets with a value of both metrics, and these values; empty if no other metric was requested.
    """

    values: ValueSet
    summary: MetricSummary
    mean: float | None
    std: float | None
    lower_quartile: float | None
    upper_quartile: float | None
    other_units: Sequence[str]
    pairs: Sequence[tuple[str, KnownValue, KnownValue]]
    correlation: Correlation | None
    days: Sequence[DayStatistics]


@dataclass(frozen=True, slots=True)
class MetricStatistics:
    """Statistics of a metric, for each source.

    Parameters
    ----------
    request : StatisticsRequest
        The request, with the kind that was used.
    units : mapping of str to str
        Unit of the stored values of each metric.
    definitions : mapping of str to Metric
        Definitions of the metrics that have one.
    histogram : Histogram or None
        Histogram with common bins, or None without values.
    """

    request: StatisticsRequest
    units: Mapping[str, str]
    definitions: Mapping[str, Metric]
    sets: Sequence[SetStatistics]
    histogram: Histogram | None


def read_statistics(
    repositories: Repositories,
    project_id: str,
    request: StatisticsRequest,
    *,
    file: MetricsFile,
    judgement_reader: JudgementReader,
    now: datetime,
) -> MetricStatistics:
    """Return the statistics of a metric.

    Raises
    ------
    NotFoundError
        If there is no such chip or cool-down.
    """
    sets: list[ValueSet] = []
    file = file.specify(
        repositories.of(ChipRepository).require(project_id, request.source.chip_id).specification
    )
    kinds: tuple[TargetKind, ...] = (request.kind,) if request.kind else _list_kinds(request.metric, file)
    for kind in kinds:
        reader = ValueReader(
            repositories,
            project_id,
            file,
            judgement_reader,
            kind,
            request.metrics,
            request.mode,
            request.without_set_aside,
            request.series or request.days,
        )
        sets = [reader.read(one) for one in request.sources]
        request = replace(request, kind=kind)
        if any(one.values[request.metric] for one in sets):
            break
    return _make_statistics(request, sets, file.get_metrics(request.kind or "qubit"), now=now)


def _list_kinds(metric: str, file: MetricsFile) -> tuple[TargetKind, ...]:
    """Return the kinds of target that may have a metric; the last one is used if none has a value."""
    return tuple(kind for kind in TARGET_KINDS if metric in file.get_metrics(kind)) or TARGET_KINDS


def _make_statistics(
    request: StatisticsRequest, sets: Sequence[ValueSet], definitions: Mapping[str, Metric], *, now: datetime
) -> MetricStatistics:
    units = {name: find_unit(sets, name) for name in request.metrics}
    alike = [_select_unit(one, units) for one in sets]
    made = [
        _make_set_statistics(
            request,
            one,
            definitions,
            now=now,
            other_units=sorted({*whole.values[request.metric]} - {*one.values[request.metric]}),
        )
        for whole, one in zip(sets, alike, strict=True)
    ]
    histogram = compute_histogram([[*one.summary.values.values()] for one in made])
    known = {name: definitions[name] for name in request.metrics if name in definitions}
    return MetricStatistics(request, units, known, made, histogram)


def _select_unit(values: ValueSet, units: Mapping[str, str]) -> ValueSet:
    """Return the values in the given units."""
    kept = {
        name: {target: one for target, one in known.items() if one.parameter.unit == units[name]}
        for name, known in values.values.items()
    }
    return replace(
        values, values=kept, series=[one for one in values.series if one.unit == units[next(iter(units))]]
    )


def _make_set_statistics(
    request: StatisticsRequest,
    values: ValueSet,
    definitions: Mapping[str, Metric],
    *,
    now: datetime,
    other_units: Sequence[str],
) -> SetStatistics:
    known = values.values[request.metric]
    numbers = [float(one.parameter.value) for one in known.values()]
    lower, upper = np.percentile(numbers, [25, 75]).tolist() if numbers else (None, None)
    others = {} if request.other_metric is None else values.values[request.other_metric]
    pairs = [(target, one, others[target]) for target, one in known.items() if target in others]
    metric, end = definitions.get(request.metric), min(values.source.period.until or now, now)
    days = _list_days(values.series, metric, values.source.period.since, end) if request.days else ()
    newest = [replace(one, points=one.points[-LONGEST:]) for one in values.series] if request.series else ()
    return SetStatistics(
        replace(values, series=newest),
        summarise_metric(request.metric, metric, known, values.targets, now=now),
        fmean(numbers) if numbers else None,
        stdev(numbers) if len(numbers) > 1 else None,
        lower,
        upper,
        other_units,
        pairs,
        None if request.other_metric is None else compute_correlation(_get_numbers(pairs)),
        days,
    )


def _list_days(
    series: Sequence[MetricSeries], metric: Metric | None, since: datetime | None, end: datetime
) -> list[DayStatistics]:
    """Return the statistics at the ends of the periods of 24 h before `end`, from the first value on, oldest first."""
    points = sorted(
        ((point.at, one.target, point.value) for one in series for point in one.points), reverse=True
    )
    if not points:
        return []
    number = (end - points[-1][0]) // _DAY + 1
    if since is not None:
        number = min(number, max(1, (end - since) // _DAY))
    days: list[DayStatistics] = []
    known: dict[str, float] = {}
    for at in (end - _DAY * ago for ago in reversed(range(number))):
        while points and points[-1][0] <= at:
            _, target, value = points.pop()
            known[target] = value
        values = [*known.values()]
        within = (
            sum(map(metric.is_within, values)) if metric is not None and metric.has_specification else None
        )
        days.append(DayStatistics(at, len(values), median(values), within))
    return days


def _get_numbers(pairs: Sequence[tuple[str, KnownValue, KnownValue]]) -> list[tuple[float, float]]:
    return [(float(one.parameter.value), float(other.parameter.value)) for _, one, other in pairs]
