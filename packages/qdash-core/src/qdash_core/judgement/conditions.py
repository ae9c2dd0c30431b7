"""Conditions by which a run selects its targets."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.models.judgement import Fitness
from qdash_core.models.marks import Mark
from qdash_core.parsing.similar_names import suggest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from qdash_core.judgement.definitions import Metric
    from qdash_core.models.chip import CouplingModel, QubitModel
    from qdash_core.models.chip_judgement import TargetJudgement


class Condition(StrEnum):
    """Condition of a qubit or coupling."""

    STALE = "stale"
    """A value in use is too old, or an input, a setting or another part of its set has changed."""
    DISPUTED = "disputed"
    """A flagged result is newer than a value in use."""
    FLAGGED = "flagged"
    """A flagged result awaits a decision."""
    FAILED = "failed"
    """Its status is failed: it is unfit."""
    OUT_OF_SPEC = "out-of-spec"
    """A value in use is outside the specification of its chip."""


_MARKS = {
    Condition.STALE: frozenset(one for one in Mark if one.is_stale),
    Condition.DISPUTED: frozenset({Mark.DISPUTED}),
}


def parse_conditions(names: str | Iterable[str]) -> tuple[Condition, ...]:
    """Return conditions by name, each once, from a list or from text with commas.

    Raises
    ------
    InvalidInputError
        If there is none, or one is unknown.
    """
    parts = names.split(",") if isinstance(names, str) else names
    asked = [*dict.fromkeys(name.strip() for name in parts)]
    known = [str(one) for one in Condition]
    for name in asked:
        if name not in known:
            raise InvalidInputError(
                f"{name!r} is not a condition{suggest(name, known)} (there are: {', '.join(known)})"
            )
    if not asked:
        raise InvalidInputError(f"name at least one condition of {', '.join(known)}")
    return tuple(Condition(name) for name in asked)


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
    target : QubitModel or CouplingModel
        The target.
    condition : Condition
        The condition.
    judgement : TargetJudgement
        Its judgement.
    metrics : mapping of str to Metric
        Definitions of its metrics.
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


def describe_conditions(conditions: Iterable[Condition]) -> str:
    """Return conditions as words, such as `stale or failed`."""
    return " or ".join(conditions)
