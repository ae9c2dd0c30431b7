"""Ranking of causes by evidence, as a pure function.

The score of a cause is the logarithm of its prior plus the weights of its evidence, which are logarithms of likelihood
ratios: a naive Bayesian estimate, in which different observations count as independent. The cause is compared with the
hypothesis that none of the causes is present.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qdash_core.explanations.observations import Observation
    from qdash_core.tasks.causes import Cause

NO_CAUSE = {"failed": -1.0, "flagged": 2.0, "accepted": 4.0}
"""Logarithm of the odds of no cause against a cause of prior 1, by outcome: a failure has a cause, an accepted result rarely."""


@dataclass(frozen=True, slots=True)
class RankedCause:
    """A cause with its evidence.

    Parameters
    ----------
    cause : Cause
        The cause.
    target : str
        The target that has it.
    score : float
        Logarithm of the prior, plus the weights of the evidence.
    probability : float
        Probability relative to the other causes and to none of them.
    evidence_for, evidence_against : tuple of Observation
        The evidence that counts, strongest first.
    """

    cause: Cause
    target: str
    score: float
    probability: float
    evidence_for: tuple[Observation, ...]
    evidence_against: tuple[Observation, ...]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Causes that are more probable than none of them, most probable first, and the probability of none."""

    causes: tuple[RankedCause, ...]
    no_cause: float


def rank_causes(
    observations: Iterable[Observation], causes: Mapping[str, Cause], *, no_cause: float
) -> Ranking:
    """Rank causes by their evidence.

    Parameters
    ----------
    observations : iterable of Observation
        The evidence. That of unknown causes is ignored.
    causes : mapping of str to Cause
        Known causes by id.
    no_cause : float
        Score of the hypothesis that none of the causes is present, as in `NO_CAUSE`.
    """
    by_cause: dict[tuple[str, str], list[Observation]] = defaultdict(list)
    for one in observations:
        if one.cause in causes:
            by_cause[one.cause, one.target].append(one)
    scored = []
    for (cause_id, target), some in by_cause.items():
        counted = sorted(_select_strongest(some), key=lambda one: -abs(one.weight))
        score = math.log(causes[cause_id].prior) + sum(one.weight for one in counted)
        scored.append((causes[cause_id], target, score, counted))
    largest = max([no_cause, *(score for _, _, score, _ in scored)])
    total = sum(math.exp(score - largest) for score in (no_cause, *(score for _, _, score, _ in scored)))
    ranked = [
        RankedCause(
            cause,
            target,
            score,
            math.exp(score - largest) / total,
            tuple(one for one in counted if one.weight > 0),
            tuple(one for one in counted if one.weight < 0),
        )
        for cause, target, score, counted in scored
        if score > no_cause and any(one.weight > 0 for one in counted)
    ]
    ranked.sort(key=lambda one: (-one.score, one.cause.id, one.target))
    return Ranking(tuple(ranked), math.exp(no_cause - largest) / total)


def _select_strongest(observations: Iterable[Observation]) -> list[Observation]:
    """Return the observations of one cause with only the strongest one of each group of a task's rules."""
    found: dict[object, Observation] = {}
    for place, one in enumerate(observations):
        key = (one.task, one.group) if one.group else place
        known = found.get(key)
        if known is None or abs(one.weight) > abs(known.weight):
            found[key] = one
    return list(found.values())
