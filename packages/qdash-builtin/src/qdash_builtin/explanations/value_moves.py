"""Moves of the values of a target: since which result a value differs from the one before by more than its usual scatter. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.metrics.judgement.samples import make_sample
from qdash_core.models.task import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qdash_builtin.comparisons.shared_resources import SharedResource
    from qdash_builtin.metrics.definitions import Metric
    from qdash_builtin.metrics.judgement.samples import Sample
    from qdash_builtin.metrics.judgement.usual_scatter import UsualScatter
    from qdash_core.models.task import ResultBrief

_SINCE_S = 7 * 24 * 3600.0
"""Age, at the newest result, of the oldest move that is explained."""
_SHOWN = (Verdict.ACCEPTED, Verdict.FLAGGED)
_ALIKE = 0.5
"""Least move of another target, relative to that of the explained one, that is the same."""


@dataclass(frozen=True, slots=True)
class ValueMove:
    """Move of a value that has not returned since.

    Parameters
    ----------
    before : Sample
        The last accepted value before.
    after : Sample
        The first value since. Its result may be flagged.
    significance : float
        Size of the move over its limit.
    shared : SharedResource or None
        Resource whose targets moved alike in the same execution, or None.
    """

    parameter: str
    title: str
    unit: str
    before: Sample
    after: Sample
    significance: float
    shared: SharedResource | None = None


def find_value_moves(
    target: str,
    results: Iterable[ResultBrief],
    scatter: UsualScatter,
    metrics: Mapping[str, Metric],
    *,
    watched: int,
) -> list[ValueMove]:
    """Return the moves of the values of a target for the worse, or of values without a direction, the most significant first.

    Parameters
    ----------
    results : iterable of ResultBrief
        Results on the target, newest first. Rejected values, trials, simulated results, refits and earlier cool-downs do not count.
    metrics : mapping of str to Metric
        Definitions of the metrics of the chip. Other values, and by-products, are left out.
    watched : int
        Number of values of the chip.
    """
    series: dict[str, list[tuple[Sample, bool]]] = {}
    units: dict[str, str] = {}
    cooldown_id = None
    for one in results:
        cooldown_id = cooldown_id or one.cooldown_id
        if one.cooldown_id not in (None, cooldown_id):
            break
        if one.simulated or one.scope is not None or one.saved is False or one.refit_of is not None:
            continue
        for name, value in (one.output_parameters or {}).items():
            sample = make_sample(value, one.name)
            decision = (one.decisions or {}).get(name)
            verdict = one.verdict if decision is None else decision["verdict"]
            unit = units.setdefault(name, value.get("unit") or "")
            if sample is not None and verdict in _SHOWN and unit == (value.get("unit") or ""):
                known = series.setdefault(name, [])
                known.append((sample._replace(task_id=one.task_id), one.accepts(name)))
    moves = [
        move
        for name, samples in series.items()
        if (metric := metrics.get(name)) is not None
        and not metric.by_product
        and (move := _find_move(target, name, units[name], samples, scatter, metric, watched)) is not None
    ]
    return sorted(moves, key=lambda one: -one.significance)


def _find_move(
    target: str,
    name: str,
    unit: str,
    samples: Sequence[tuple[Sample, bool]],
    scatter: UsualScatter,
    metric: Metric,
    watched: int,
) -> ValueMove | None:
    newest, _ = samples[0]
    first = newest
    for one, accepted in samples[1:]:
        if one.task != newest.task:
            continue
        difference = scatter.compare(target, name, one, newest, watched=watched)
        if difference.is_move and abs(newest.value - one.value) > metric.compute_tolerance(newest.value):
            if not accepted:
                continue
            former, present = metric.compute_merit(one.value), metric.compute_merit(newest.value)
            improved = former is not None and present is not None and present > former
            if improved or newest.at_s - first.at_s > _SINCE_S:
                return None
            return ValueMove(name, metric.title, unit, one, first, difference.size / difference.limit)
        first = one
    return None


def list_alike(ratios: Mapping[str, float], target: str) -> list[str]:
    """Return the targets whose value changed in the same direction as that of one of them, and at least half as much.

    `ratios` has the value over the one before, by target.
    """
    changes = {qid: math.log(one) for qid, one in ratios.items() if one > 0}
    own = changes.get(target, 0.0)
    return [qid for qid, one in changes.items() if own and one / own >= _ALIKE]
