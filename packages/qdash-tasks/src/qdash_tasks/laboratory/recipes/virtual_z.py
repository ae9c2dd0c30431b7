"""Recipe for virtual Z: it must only shift the phase of later pulses. An adapter may not add frames of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_tasks.laboratory.recipes.fringe import PHASES_RAD, Fringes, wrap_angle
from qdash_tasks.laboratory.recipes.populations import make_timeline, measure_populations
from qdash_tasks.laboratory.recipes.recipe import Recipe
from qdash_tasks.laboratory.recipes.recipe_finding import Judgement, Outcome, Value
from qdash_tasks.laboratory.recipes.shot_interval import SHOT_INTERVAL
from qdash_tasks.laboratory.recipes.sign_decision import CLEAR, LEAST_CONTRAST

if TYPE_CHECKING:
    from qdash_tasks.laboratory.program import Program
    from qdash_tasks.laboratory.pulse_laboratory import PulseLaboratory
    from qdash_tasks.laboratory.shots import Shots

_TURNS = 0.25
_TOLERANCE = 0.1
"""Tolerated fringe shift in turns: a detuning of 1 MHz shifts it by less than half of that."""


def _judge(laboratory: PulseLaboratory, qid: str, shots: Shots) -> Judgement:
    plain = [_make_rotated_program(laboratory, qid, 0.0, phase_rad) for phase_rad in PHASES_RAD]
    turned = [_make_rotated_program(laboratory, qid, np.pi / 2, phase_rad) for phase_rad in PHASES_RAD]
    behind = [_make_program_after_pulse(laboratory, qid, phase_rad) for phase_rad in PHASES_RAD]
    fringes = Fringes(measure_populations(laboratory, qid, [*plain, *turned, *behind], shots))
    moved = float(wrap_angle(fringes.angle[1:2] - fringes.angle[:1])[0] / (2 * np.pi))
    turns, error = float(fringes.angle[2] / (2 * np.pi)), fringes.angle_error / (2 * np.pi)
    values = (
        Value("Rz(pi/2) moves the fringe by", moved, float(np.hypot(*error[:2])), _TURNS, "turns"),
        Value("behind a pulse at pi/2 it is at", turns, float(error[2]), 0.0, "turns"),
        Value("depth", float(fringes.depth.min()), float(fringes.error.max()), 1.0),
    )
    if CLEAR * fringes.error.max() > LEAST_CONTRAST:
        return Judgement(Outcome.NOT_CLEAR, values, "more shots")
    return _assess(moved, turns, float(fringes.depth.min()), values)


def _assess(moved: float, turns: float, depth: float, values: tuple[Value, ...]) -> Judgement:
    if depth < LEAST_CONTRAST or abs(moved - _TURNS) > _TOLERANCE:
        return Judgement(
            Outcome.NOT_MET,
            values,
            "a virtual Z does not rotate the qubit by its angle: `Play.phase_rad` must be played as the phase of its pulse, in radians, throughout the program",
        )
    if abs(turns) < _TOLERANCE:
        return Judgement(Outcome.MET, values, "each pulse has its own phase")
    sense = "added to" if turns < 0 else "taken from"
    return Judgement(
        Outcome.NOT_MET,
        values,
        f"the phase of a pulse is {sense} those after it: the adapter adds a frame of its own; all virtual turns are in "
        "`Play.phase_rad` already, which is absolute: add nothing to it",
    )


def _make_rotated_program(
    laboratory: PulseLaboratory, qid: str, angle_rad: float, phase_rad: float
) -> Program:
    """Return X90, Rz(angle), X90 at a phase."""
    made, x90 = make_timeline(laboratory), laboratory.settings[qid].x90
    made.pulse(qid, x90)
    made.turn(qid, angle_rad)
    made.pulse(qid, x90, phase_rad=phase_rad)
    return made.read(qid)


def _make_program_after_pulse(laboratory: PulseLaboratory, qid: str, phase_rad: float) -> Program:
    """Return X90, Y180 and X90 at a phase; the Y180 leaves the state unchanged."""
    made, settings = make_timeline(laboratory), laboratory.settings[qid]
    made.pulse(qid, settings.x90)
    made.pulse(qid, settings.x180, phase_rad=np.pi / 2)
    made.pulse(qid, settings.x90, phase_rad=phase_rad)
    return made.read(qid)


VIRTUAL_Z = Recipe(
    name="virtual_z", question="does each pulse have its own phase?", judge=_judge, after=SHOT_INTERVAL.name
)
