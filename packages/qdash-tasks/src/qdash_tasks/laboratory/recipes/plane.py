"""Recipe for the IQ plane: |0> and |1> must not move between calls, unless the limits allow a rotation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_tasks.laboratory.alignment import align_programs
from qdash_tasks.laboratory.recipes.answer_order import ANSWER_ORDER
from qdash_tasks.laboratory.recipes.populations import make_timeline, measure_in_one_call
from qdash_tasks.laboratory.recipes.recipe import Recipe
from qdash_tasks.laboratory.recipes.recipe_finding import Judgement, NotClear, NotPossible, Outcome, Value
from qdash_tasks.laboratory.recipes.sign_decision import CLEAR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_tasks.laboratory.pulse_laboratory import PulseLaboratory
    from qdash_tasks.laboratory.shots import Shots

_CALLS, _COPIES = 5, 2
"""Copies of each state in a call, whose scatter gives the noise."""
_TOLERANCE = 0.15
"""Largest tolerated shift in units of the distance of |0> and |1>."""
_LEAST_CLEAR = 0.5
"""Shift that must be detectable, in units of the distance of |0> and |1>."""


def _judge(laboratory: PulseLaboratory, qid: str, shots: Shots) -> Judgement:
    limits = laboratory.limits
    if limits.plane_turns:
        return Judgement(
            Outcome.MET, (), "the limits state that the plane may rotate: each call has its own reference"
        )
    if limits.programs_a_call is not None and limits.programs_a_call < 2 * _COPIES:
        raise NotPossible(
            f"this recipe needs {2 * _COPIES} programs in a call, but the limit is {limits.programs_a_call}"
        )
    nothing, flip = make_timeline(laboratory), make_timeline(laboratory)
    flip.pulse(qid, laboratory.settings[qid].x180)
    programs = align_programs([*[nothing.read(qid)] * _COPIES, *[flip.read(qid)] * _COPIES], limits)
    calls = [measure_in_one_call(laboratory, qid, programs, shots) for _ in range(_CALLS)]
    return _assess(qid, np.array(calls).reshape(_CALLS, 2, _COPIES))


def _assess(qid: str, found: NDArray[np.complex128]) -> Judgement:
    """Judge whether the points of each state, shape (calls, states, copies), move between calls."""
    means = found.mean(axis=2)
    error = float(np.sqrt(found.var(axis=2, ddof=1).mean() * 2 / _COPIES))
    scale = float(abs(means[:, 1] - means[:, 0]).mean())
    moved = float(np.abs(means - means[:1]).max())
    if CLEAR * error > _LEAST_CLEAR * scale:
        raise NotClear(
            f"|0> and X180 of qubit {qid} are {scale:.3g} apart, and points are known to {error:.2g}: take more shots"
        )
    values = (Value("moves by", moved / scale, error / scale, 0.0, "of |0> to |1>", _TOLERANCE),)
    if moved < _TOLERANCE * scale + CLEAR * error:
        return Judgement(Outcome.MET, values, "the IQ plane is the same in every call")
    return Judgement(
        Outcome.NOT_MET,
        values,
        f"the points of qubit {qid} move from call to call, as if the IQ plane rotates between calls: set "
        "`Limits(plane_turns=True)`",
    )


PLANE = Recipe(
    name="plane", question="is the IQ plane the same in every call?", judge=_judge, after=ANSWER_ORDER.name
)
