"""Specification of a chip: limits derived from its first values, and the side of a limit on which a value counts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from qdash_builtin.metrics.definitions import FAR_WORSE
from qdash_builtin.metrics.judgement.samples import make_parameter_sample
from qdash_core.models.targets import TARGET_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_builtin.metrics.definitions import Metric, MetricsFile
    from qdash_builtin.metrics.judgement.samples import Sample
    from qdash_builtin.metrics.judgement.usual_scatter import UsualScatter
    from qdash_core.models.chip import ParameterModel

_OUTLIER = 3.0
"""Factor beyond which a first value is an outlier, worse than the median; also the largest margin."""
_SCATTERS, _LEAST_FACTOR = 2.0, 1.2
"""Margin of a proposed limit beyond the worst first value: standard deviations of the usual scatter, and the least factor."""
_LAG_S = 86_400.0
"""Elapsed time of the usual scatter: that of two nights."""
_DIGITS = 2


@dataclass(frozen=True, slots=True)
class ProposedLimits:
    """Limits derived from the first values of a chip, in the unit of stored values.

    A value worse than `limit` is out of specification, a target with one worse than `minimum` cannot be used.
    """

    limit: float
    minimum: float


def propose_specification(
    file: MetricsFile, qids: Iterable[str], scatter: UsualScatter
) -> dict[str, ProposedLimits]:
    """Return limits by metric, derived from the first values of the named targets of a chip.

    The limit is the worst first value without outliers, with a margin of usual scatter, so that a healthy chip stays
    within it. The minimum is ten times worse than the median. The metrics are those of the table and the essential
    ones, if some values are better than others.
    """
    proposed = {}
    every = [*qids]
    for kind in TARGET_KINDS:
        targets = [one for one in every if ("-" in one) == (kind == "coupling")]
        wanted = {*file.list_default_columns(kind), *file.list_essential(kind)}
        for name, metric in file.get_metrics(kind).items():
            if name not in wanted or metric.evaluation.mode == "none":
                continue
            firsts = {qid: history[0] for qid in targets if (history := scatter.get_history(qid, name))}
            if firsts:
                proposed[name] = _propose(metric, name, firsts, scatter)
    return proposed


def _propose(metric: Metric, name: str, firsts: dict[str, Sample], scatter: UsualScatter) -> ProposedLimits:
    sizes = {qid: abs(one.value) if metric.evaluation.magnitude else one.value for qid, one in firsts.items()}
    usual = median(sizes.values())
    sign = -1 if metric.evaluation.mode == "maximize" else 1
    bounds = []
    for qid, size in sizes.items():
        if sign * size <= sign * metric.worsen(usual, _OUTLIER):
            least, most = (sign * metric.worsen(size, one) for one in (_LEAST_FACTOR, _OUTLIER))
            margin = _SCATTERS * scatter.compute_scatter(qid, name, firsts[qid], lag_s=_LAG_S)
            bounds.append(min(max(least, sign * size + margin), most))
    limit = sign * max(bounds)
    minimum = sign * max(sign * metric.worsen(usual, FAR_WORSE), sign * limit)
    return ProposedLimits(_round(metric, limit), _round(metric, minimum))


def _round(metric: Metric, value: float) -> float:
    """Return a limit with few digits, not better than the value."""
    if metric.is_fraction:
        return round(1 - _round_up(1 - value), 12)
    return _round_up(value) if metric.evaluation.mode == "minimize" else -_round_up(-value)


def _round_up(value: float) -> float:
    if value == 0:
        return 0.0
    step = 10.0 ** (math.floor(math.log10(abs(value))) + 1 - _DIGITS)
    return round(math.ceil(value / step - 1e-9) * step, 12)


def counts_as_within(
    metric: Metric, qid: str, name: str, value: ParameterModel, scatter: UsualScatter
) -> bool:
    """Return whether a value counts as within specification for the news of a digest.

    Of the value and the earlier ones, the newest that differs from the limit by more than its usual scatter decides. So a value that hovers about
    the limit is no news.
    """
    if value.calibrated_at is None:
        return metric.is_within(float(value.value))
    sample = make_parameter_sample(value)
    earlier = [one for one in scatter.get_history(qid, name) if one.at_s < sample.at_s]
    for one in (sample, *reversed(earlier)):
        if abs(metric.compute_margin(one.value)) > scatter.compute_scatter(qid, name, one, lag_s=_LAG_S):
            return metric.is_within(one.value)
    return metric.is_within((*earlier, sample)[0].value)
