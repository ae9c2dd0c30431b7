"""Recipe for the relative sign of envelopes and phases: a factor i must equal a phase of +π/2."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_tasks.laboratory.program import Waveform
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

_TURNS = -0.25
_TOLERANCE = 0.1


def _judge(laboratory: PulseLaboratory, qid: str, shots: Shots) -> Judgement:
    programs = [
        _make_program(laboratory, qid, turn_rad=turn_rad, phase_rad=phase_rad)
        for turn_rad in (0.0, np.pi / 2)
        for phase_rad in PHASES_RAD
    ]
    fringes = Fringes(measure_populations(laboratory, qid, programs, shots))
    turns = float(wrap_angle(fringes.angle[1:] - fringes.angle[:1])[0] / (2 * np.pi))
    error = float(np.hypot(*fringes.angle_error) / (2 * np.pi))
    values = (
        Value("factor i moves the fringe by", turns, error, _TURNS, "turns"),
        Value("depth", float(fringes.depth.min()), float(fringes.error.max()), 1.0),
    )
    if CLEAR * fringes.error.max() > LEAST_CONTRAST:
        return Judgement(Outcome.NOT_CLEAR, values, "more shots")
    if fringes.depth.min() < LEAST_CONTRAST:
        return Judgement(Outcome.NOT_CLEAR, values, "two pulses show no fringe: see phase_against_frequency")
    if abs(turns - _TURNS) < _TOLERANCE:
        return Judgement(
            Outcome.MET, values, "envelope and phase have the same sign (both right, or both mirrored)"
        )
    if abs(turns + _TURNS) < _TOLERANCE:
        return Judgement(
            Outcome.NOT_MET,
            values,
            f"exactly one sign is mirrored, that of the envelope or that of the phase; phase_against_frequency and envelope_against_frequency tell which. `signs` must return the other value of that one for the line of qubit {qid}",
        )
    return Judgement(
        Outcome.NOT_MET,
        values,
        "a factor i of the envelope is not a quarter turn: check that the imaginary part of a waveform is played",
    )


def _make_program(laboratory: PulseLaboratory, qid: str, *, turn_rad: float, phase_rad: float) -> Program:
    """Return X90, then an X90 with a rotated envelope at a phase."""
    made, pulse = make_timeline(laboratory), laboratory.settings[qid].x90
    plain = Waveform("cosine", pulse.length_ns, beta_ns=pulse.beta_ns)
    made.play(qid, plain, pulse.amplitude)
    made.play(qid, replace(plain, turn_rad=turn_rad), pulse.amplitude, phase_rad=phase_rad)
    return made.read(qid)


HANDEDNESS = Recipe(
    name="handedness",
    question="do envelopes and phases have the same sign?",
    judge=_judge,
    after=SHOT_INTERVAL.name,
)
