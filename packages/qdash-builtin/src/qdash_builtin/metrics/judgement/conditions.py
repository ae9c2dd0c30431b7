"""Test of targets for conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.judgement.conditions import Condition
from qdash_core.models.judgement import Fitness
from qdash_core.models.marks import Mark

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from qdash_builtin.metrics.definitions import Metric
    from qdash_core.models.chip import CouplingModel, QubitModel
    from qdash_core.models.chip_judgement import TargetJudgement

_MARKS = {
    Condition.STALE: frozenset(one for one in Mark if one.is_stale),
    Condition.DISPUTED: frozenset({Mark.DISPUTED}),
}


def meets_condition(
    target: QubitModel | CouplingModel,
    condition: Condition,
    judgement: TargetJudgement,
    metrics: Mapping[str, Metric],
    flagged: Collection[str],
    names: Collection[str] | None = None,
) -> bool:
    """Return whether a target meets a condition.

    Parameters
    ----------
    flagged : collection of str
        Parameters whose flagged result awaits a decision.
    names : collection of str or None
        Only values of these parameters count, or of all if None. The status counts in any case.
    """
    if condition is Condition.FAILED:
        return judgement.fitness is Fitness.UNFIT
    if condition is Condition.FLAGGED:
        return any(names is None or name in names for name in flagged)
    values = {name: one for name, one in target.data.items() if names is None or name in names}
    if condition is Condition.OUT_OF_SPEC:
        return any(
            not metrics[name].is_within(float(value.value))
            for name, value in values.items()
            if name in metrics
        )
    marks = judgement.marks
    return any(one.mark in _MARKS[condition] for name in values for one in marks.get(name, ()))
