"""Recipe for the order of answers: |0> and X180 of different lengths, shuffled, then reversed."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from qdash_tasks.laboratory.recipes.populations import make_timeline, measure_in_one_call
from qdash_tasks.laboratory.recipes.recipe import Recipe
from qdash_tasks.laboratory.recipes.recipe_finding import Judgement, NotClear, NotPossible, Outcome

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_tasks.laboratory.program import Program
    from qdash_tasks.laboratory.pulse_laboratory import PulseLaboratory
    from qdash_tasks.laboratory.shots import Shots

    Complexes = NDArray[np.complex128]

_FLIPPED = (False, False, True, False, True, False, False, True)
"""Fewer of one state than of the other, so that neither order is the other with the states exchanged."""
_WAITED = (3, 0, 6, 2, 7, 1, 5, 4)
_WAIT_NS = 100.0
_LEAST = 4
"""Fewest programs in a call for which the order is tested."""
_TIGHT = 0.25
"""Largest distance of points of one state from their mean, in units of the distance of the states."""


def _judge(laboratory: PulseLaboratory, qid: str, shots: Shots) -> Judgement:
    most = laboratory.limits.programs_a_call or len(_FLIPPED)
    count = len(_FLIPPED) if most >= len(_FLIPPED) else _LEAST
    if most < _LEAST:
        raise NotPossible(f"this recipe needs {_LEAST} programs in a call, but the limit is {most}")
    wait_ns = min(_WAIT_NS, laboratory.limits.longest_program_ns / len(_WAITED))
    programs = [_make_program(laboratory, qid, number, wait_ns) for number in range(count)]
    for step in (1, -1):
        found = measure_in_one_call(laboratory, qid, programs[::step], shots)
        if _find_flipped(qid, found, sum(_FLIPPED[:count])) != _FLIPPED[:count][::step]:
            return Judgement(
                Outcome.NOT_MET,
                (),
                "answers are not in the order of the programs: `play` must return them in the order of its argument, regardless of their lengths and of how the instrument groups them",
            )
    return Judgement(Outcome.MET, (), "answers are in the order of the programs")


def _make_program(laboratory: PulseLaboratory, qid: str, number: int, wait_ns: float) -> Program:
    made = make_timeline(laboratory)
    made.wait(qid, _WAITED[number] * wait_ns)
    if _FLIPPED[number]:
        made.pulse(qid, laboratory.settings[qid].x180)
    return made.read(qid)


def _find_flipped(qid: str, found: Complexes, flips: int) -> tuple[bool, ...]:
    """Find the points that belong to X180: a group of the right size, separated from all others."""
    every = [
        tuple(place in chosen for place in range(len(found)))
        for chosen in combinations(range(len(found)), flips)
    ]
    best = min(every, key=lambda flipped: _compute_spread(found, flipped))
    if _compute_spread(found, best) > _TIGHT:
        raise NotClear(
            f"|0> and X180 of qubit {qid}, read at several starts, are not two points: take more shots, or see "
            "readout_reference"
        )
    return best


def _compute_spread(found: Complexes, flipped: tuple[bool, ...]) -> float:
    """Return the largest distance of a point from its state's mean, relative to the distance of the states."""
    chosen = np.array(flipped)
    zero, one = found[~chosen], found[chosen]
    distance = abs(one.mean() - zero.mean())
    widest = max(np.abs(zero - zero.mean()).max(), np.abs(one - one.mean()).max())
    return float(widest / distance) if distance else np.inf


ANSWER_ORDER = Recipe(
    name="answer_order", question="do answers come in the order of the programs?", judge=_judge
)
