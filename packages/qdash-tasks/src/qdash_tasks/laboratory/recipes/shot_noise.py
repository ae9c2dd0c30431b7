"""Recipe for the errors of means: equal programs must scatter as their shots imply.

X90 gives a random state in each shot, which reveals correlated shots and a covariance that is too small.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_tasks.laboratory.recipes.plane import PLANE
from qdash_tasks.laboratory.recipes.populations import make_timeline, measure_points
from qdash_tasks.laboratory.recipes.recipe import Recipe
from qdash_tasks.laboratory.recipes.recipe_finding import Judgement, Outcome, Value

if TYPE_CHECKING:
    from qdash_tasks.laboratory.pulse_laboratory import PulseLaboratory
    from qdash_tasks.laboratory.recipes.populations import Points
    from qdash_tasks.laboratory.shots import Keep, Shots

_COPIES, _FEWEST_COPIES = 40, 20
_CHANCE = 1e-6
"""Probability that a correct laboratory exceeds the upper bound; the same for the lower one."""
_SHARP = 1.2
"""Ratio of errors to scatter that is tolerated."""


def _judge(laboratory: PulseLaboratory, qid: str, shots: Shots) -> Judgement:
    made = make_timeline(laboratory)
    made.pulse(qid, laboratory.settings[qid].x90)
    keep: Keep = "mean" if "mean" in laboratory.limits.keeps else "each"
    most = laboratory.limits.most_programs(keep) or _COPIES
    copies = max(_FEWEST_COPIES, min(_COPIES, most))
    return _assess(measure_points(laboratory, qid, [made.read(qid)] * copies, shots))


def _assess(found: Points) -> Judgement:
    from scipy.special import chdtri

    off = found.iq - found.iq.mean()
    both = np.stack([off.real, off.imag])
    # Programs are equal: the mean of their covariances is more accurate than each.
    inverse = np.linalg.inv(found.covariance.mean(axis=0))
    freedom = 2 * (len(off) - 1)
    squares = float(np.einsum("in,ij,jn->", both, inverse, both))
    factor = float(np.sqrt(squares / freedom))
    most, least = (np.sqrt(chdtri(freedom, chance) / freedom) for chance in (_CHANCE, 1 - _CHANCE))
    values = (
        Value("scatter", factor, factor / float(np.sqrt(2 * freedom)), 1.0, "of the errors", _SHARP - 1),
    )
    if factor > max(most, _SHARP):
        return Judgement(
            Outcome.NOT_MET,
            values,
            f"equal programs scatter by {factor:.2g} times the errors that follow from their shots, so all errors are too small: shots are repeated or not independent, or `covariance` is not that of the mean of all shots; or something other than noise changes within a call",
        )
    if factor < min(least, 1 / _SHARP):
        return Judgement(
            Outcome.NOT_MET,
            values,
            f"equal programs scatter by {factor:.2g} of the errors that follow from their shots: the same answer is returned again, or `covariance` is that of single shots instead of their mean",
        )
    return Judgement(Outcome.MET, values, "equal programs scatter by their errors")


SHOT_NOISE = Recipe(
    name="shot_noise",
    question="do equal programs scatter by the errors of their shots?",
    judge=_judge,
    after=PLANE.name,
)
