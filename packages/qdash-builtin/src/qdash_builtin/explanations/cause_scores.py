"""Ranking of causes by evidence, as a pure function.

The score of a cause is the logarithm of its prior plus the weights of its evidence, which are logarithms of likelihood
ratios: a naive Bayesian estimate, in which different observations count as independent. The causes are compared with the
hypothesis that none of them is present: that a result without a failure is in order, and that a failure has a cause that no rule
knows. Two causes can be present at once: an observation that supports both counts for one of them.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from qdash_builtin.explanations.surroundings import BAD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qdash_builtin.explanations.causes import Cause
    from qdash_builtin.explanations.observations import Observation

    _Scored = tuple[Cause, str, float, Sequence[Observation]]

LEAST_SCORE = {"failed": -1.0, "flagged": 2.0, "accepted": 4.0}
"""Least score of a cause that is named, by outcome: a failure has a cause, an accepted result rarely."""
_UNKNOWN, _MORE_RESULTS = 2.35, 1.44
"""Score of an unknown cause of a failure that one result shows, and its growth with the logarithm of the number of results. The more results
are read, the more rules of other causes hold too. Both are from `benchmarks/generated_faults.py`, with the causes of faults taken away."""
_SECOND = 5.0
"""Penalty on the score of two causes at once, from the same benchmark with the twins on which rules are written."""
_CONTRADICTION = 1.5
"""Factor of the weights against a cause: what contradicts a known cause also speaks for an unknown one."""


def score_no_cause(outcome: str, results: int) -> float:
    """Return the score of the hypothesis that no known cause is present."""
    if outcome not in BAD:
        return LEAST_SCORE["accepted"]
    return _UNKNOWN + _MORE_RESULTS * math.log(max(results, 1))


@dataclass(frozen=True, slots=True)
class RankedCause:
    """A cause with its evidence.

    Parameters
    ----------
    score : float
        Logarithm of the prior, plus the weights of the evidence; those against the cause count 1.5 times.
    probability : float
        Probability that it is present, alone or with one other cause; the sum over causes may exceed 1.
    evidence_for, evidence_against : tuple of Observation
        The evidence that counts, strongest first.
    same_evidence : tuple of str
        Ids of the other causes on which there is the same evidence.
    """

    cause: Cause
    target: str
    score: float
    probability: float
    evidence_for: tuple[Observation, ...]
    evidence_against: tuple[Observation, ...]
    same_evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranking:
    """Named causes, most probable first, and the probability of none of the known causes."""

    causes: tuple[RankedCause, ...]
    no_cause: float

    @property
    def first(self) -> RankedCause | None:
        """The most probable cause, or None if it is less probable than none of them."""
        return self.causes[0] if self.causes and self.causes[0].probability >= self.no_cause else None

    @property
    def present(self) -> tuple[RankedCause, ...]:
        """The first cause, and each other one that is more probably present than not."""
        others = [one for one in self.causes[1:] if one.probability > 0.5]
        return () if self.first is None else (self.first, *others)


def rank_causes(
    observations: Iterable[Observation],
    causes: Mapping[str, Cause],
    *,
    no_cause: float,
    least: float | None = None,
) -> Ranking:
    """Rank causes by their evidence.

    Parameters
    ----------
    observations : iterable of Observation
        The evidence. That of unknown causes is ignored.
    no_cause : float
        Score of the hypothesis that none of the causes is present, from `score_no_cause`.
    least : float or None
        Least score of a named cause, as in `LEAST_SCORE`, or None for `no_cause`.
    """
    by_cause: dict[tuple[str, str], list[Observation]] = defaultdict(list)
    for one in observations:
        if one.cause in causes:
            by_cause[one.cause, one.target].append(one)
    scored = []
    for (cause_id, target), some in by_cause.items():
        counted = sorted(_select_strongest(some), key=lambda one: -abs(one.weight))
        score = math.log(causes[cause_id].prior) + sum(map(_weigh, counted))
        scored.append((causes[cause_id], target, score, counted))
    largest = max([no_cause, *(score for _, _, score, _ in scored)])
    known = sum(math.exp(score - largest) for _, _, score, _ in scored)
    unknown = math.exp(no_cause - largest)
    unknown /= unknown + known
    shares = _compute_shares(scored)
    ranked = [
        RankedCause(
            cause,
            target,
            score,
            (1 - unknown) * share,
            tuple(one for one in counted if one.weight > 0),
            tuple(one for one in counted if one.weight < 0),
            _list_same(counted, scored, cause),
        )
        for (cause, target, score, counted), share in zip(scored, shares, strict=True)
        if score > (no_cause if least is None else least) and any(one.weight > 0 for one in counted)
    ]
    ranked.sort(key=lambda one: (-one.probability, -one.score, one.cause.id, one.target))
    return Ranking(tuple(ranked), unknown)


def _compute_shares(scored: Sequence[_Scored]) -> list[float]:
    """Return the probability of each cause if at least one of them is present: alone, or with one other cause.

    The score of two causes is the sum of their scores, in which evidence for both counts once, less a penalty. An unknown cause needs no pairs: a
    second cause is as probable beside it as beside a known one.
    """
    supported = [_index_support(counted) for _, _, _, counted in scored]
    hypotheses: list[tuple[tuple[int, ...], float]] = [
        ((place,), score) for place, (_, _, score, _) in enumerate(scored)
    ]
    for (place, first), (other, second) in combinations(enumerate(scored), 2):
        if not supported[place] or not supported[other] or _are_alike(first[0], second[0]):
            continue
        twice = sum(
            min(weight, supported[other][fact])
            for fact, weight in supported[place].items()
            if fact in supported[other]
        )
        hypotheses.append(((place, other), first[2] + second[2] - twice - _SECOND))
    shares = [0.0] * len(scored)
    largest = max((score for _, score in hypotheses), default=0.0)
    total = sum(math.exp(score - largest) for _, score in hypotheses)
    for present, score in hypotheses:
        for place in present:
            shares[place] += math.exp(score - largest) / total
    return shares


def _index_support(counted: Iterable[Observation]) -> dict[tuple[str, str, str], float]:
    """Return the weights for a cause by fact; rules of one group of a task are about the same fact."""
    found: dict[tuple[str, str, str], float] = defaultdict(float)
    for one in counted:
        if one.weight > 0:
            found[one.target, one.task, one.group or one.text] += one.weight
    return found


def _are_alike(one: Cause, other: Cause) -> bool:
    return other.id in one.indistinguishable_from or one.id in other.indistinguishable_from


def _weigh(observation: Observation) -> float:
    return observation.weight * (1.0 if observation.weight > 0 else _CONTRADICTION)


def _list_same(
    counted: Sequence[Observation],
    scored: Iterable[_Scored],
    cause: Cause,
) -> tuple[str, ...]:
    """Return the other causes with the same observations of the same weights."""
    own = {(one.target, one.task, one.text, one.weight) for one in counted}
    return tuple(
        other.id
        for other, _, _, some in scored
        if other is not cause and {(one.target, one.task, one.text, one.weight) for one in some} == own
    )


def _select_strongest(observations: Iterable[Observation]) -> list[Observation]:
    """Return the observations of one cause with only the strongest one of each group of a task's rules."""
    found: dict[object, Observation] = {}
    for place, one in enumerate(observations):
        key = (one.task, one.group) if one.group else place
        known = found.get(key)
        if known is None or abs(one.weight) > abs(known.weight):
            found[key] = one
    return list(found.values())
