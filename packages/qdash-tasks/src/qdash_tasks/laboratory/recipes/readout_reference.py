"""Recipe for the phase of readouts: the points of |0> and |1> must not depend on the start time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_tasks.laboratory.recipes.plane import PLANE
from qdash_tasks.laboratory.recipes.populations import make_timeline, measure_points
from qdash_tasks.laboratory.recipes.recipe import Recipe
from qdash_tasks.laboratory.recipes.recipe_finding import Judgement, NotClear, Outcome, Value
from qdash_tasks.laboratory.recipes.sign_decision import CLEAR

if TYPE_CHECKING:
    from qdash_tasks.laboratory.program import Program
    from qdash_tasks.laboratory.pulse_laboratory import PulseLaboratory
    from qdash_tasks.laboratory.recipes.populations import Points
    from qdash_tasks.laboratory.shots import Shots

_STARTS_NS = (0.0, 80.0, 332.0, 1000.0, 5000.0)
_TOLERANCE = 0.1
"""Largest tolerated shift in units of the distance of |0> and |1>."""
_LEAST_CLEAR = 0.5
"""Shift that must be detectable, in units of the distance of |0> and |1>."""


def _judge(laboratory: PulseLaboratory, qid: str, shots: Shots) -> Judgement:
    longest_ns = laboratory.limits.longest_program_ns
    starts_ns = [one for one in _STARTS_NS if one <= longest_ns]
    programs = [
        _make_program(laboratory, qid, start_ns, flipped=flipped)
        for flipped in (False, True)
        for start_ns in starts_ns
    ]
    found = measure_points(laboratory, qid, programs, shots)
    return _assess(qid, found, len(starts_ns))


def _make_program(laboratory: PulseLaboratory, qid: str, start_ns: float, *, flipped: bool) -> Program:
    made = make_timeline(laboratory)
    made.wait(qid, start_ns)
    if flipped:
        made.pulse(qid, laboratory.settings[qid].x180)
    return made.read(qid)


def _assess(qid: str, found: Points, starts: int) -> Judgement:
    """Judge whether the points of each state depend on the start of the readout, relative to their distance."""
    by_state = found.iq.reshape(2, starts)
    noise = np.sqrt(np.trace(found.covariance, axis1=1, axis2=2).reshape(2, starts))
    scale = abs(by_state[1, 0] - by_state[0, 0])
    moved = np.abs(by_state - by_state[:, :1])
    error = np.hypot(noise, noise[:, :1])
    error[:, 0] = 0.0
    if CLEAR * error.max() > _LEAST_CLEAR * scale:
        raise NotClear(
            f"|0> and X180 of qubit {qid} are {scale:.3g} apart, and points are known to {error.max():.2g}: take more shots"
        )
    worst = np.unravel_index(int(np.argmax(moved)), moved.shape)
    values = (
        Value("moves by", float(moved[worst] / scale), float(error[worst] / scale), 0.0, "of |0> to |1>"),
    )
    if moved[worst] < _TOLERANCE * scale + CLEAR * error[worst]:
        return Judgement(Outcome.MET, values, "the readout is demodulated relative to its own probe")
    return Judgement(
        Outcome.NOT_MET,
        values,
        f"the points of qubit {qid} rotate with the start of the readout: make the capture refer to the phase of its own probe (demodulate from the start of the readout, or undo 2 pi (intermediate frequency) start)",
    )


READOUT_REFERENCE = Recipe(
    name="readout_reference",
    question="is a readout demodulated relative to its own probe?",
    judge=_judge,
    after=PLANE.name,
)
