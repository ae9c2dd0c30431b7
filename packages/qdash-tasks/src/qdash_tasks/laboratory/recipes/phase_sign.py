"""Recipe for the sign of phases, from a detuned generator whose phase advances in a known sense."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_tasks.laboratory.recipes.fringe import PHASES_RAD, Fringes, wrap_angle
from qdash_tasks.laboratory.recipes.populations import measure_populations
from qdash_tasks.laboratory.recipes.recipe import Recipe
from qdash_tasks.laboratory.recipes.recipe_finding import Judgement, Outcome, Value
from qdash_tasks.laboratory.recipes.shot_interval import SHOT_INTERVAL
from qdash_tasks.laboratory.recipes.sign_decision import CLEAR, LEAST_CONTRAST, describe_mirrored_phase
from qdash_tasks.laboratory.recipes.two_pulses import make_two_pulses

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_tasks.laboratory.pulse_laboratory import PulseLaboratory
    from qdash_tasks.laboratory.shots import Shots

    Floats = NDArray[np.float64]

NAME = "phase_against_frequency"
_LEAST_NS = 50.0
_TURNS = 0.25
_FURTHER = (0.0, 0.26, 0.68)
"""Extra distances of the other pulse pairs in units of the first distance, to detect a phase that
restarts.
"""
_TOLERANCE, _CLOSE = 0.12, 0.08
"""Largest fringe shifts in turns from a detuning of 1 MHz and from the pulse lengths: of all fringes, and of
one against another.
"""


def _judge(laboratory: PulseLaboratory, qid: str, shots: Shots) -> Judgement:
    """Judge the sign of phases from two X90 of a generator above the qubit.

    They are a quarter turn apart at first: P = (1 + cos(phase - 2 pi off tau)) / 2.
    """
    length_ns = laboratory.settings[qid].x90.length_ns
    between_ns = max(_LEAST_NS, 1.25 * length_ns + laboratory.limits.line(qid).shortest_gap_ns)
    off_mhz = 1e3 * _TURNS / between_ns
    programs = [
        make_two_pulses(laboratory, qid, off_mhz, (1 + further) * between_ns - length_ns, phase_rad)
        for further in _FURTHER
        for phase_rad in PHASES_RAD
    ]
    fringes = Fringes(measure_populations(laboratory, qid, [one.program for one in programs], shots))
    played_ns = np.array([one.gap_ns for one in programs[:: len(PHASES_RAD)]]) + length_ns
    values = (
        Value("fringe at", *_express_in_turns(fringes), _TURNS, "turns", _TOLERANCE + _CLOSE),
        Value("depth", float(fringes.depth[0]), float(fringes.error[0]), 1.0),
    )
    if CLEAR * fringes.error.max() > LEAST_CONTRAST:
        return Judgement(Outcome.NOT_CLEAR, values, "more shots")
    if fringes.depth.min() < LEAST_CONTRAST:
        return Judgement(
            Outcome.NOT_MET,
            values,
            "two pulses of one frequency have no fixed phase: use one continuous generator in a program (or the pulses are "
            "not within 20\N{NO-BREAK SPACE}% of their angle)",
        )
    gained = 2e-3 * np.pi * off_mhz * played_ns
    mirrored = describe_mirrored_phase(laboratory, programs[0].program.plays[0])
    return _assess(fringes.angle, gained, values, mirrored=mirrored)


def _assess(angle: Floats, gained: Floats, values: tuple[Value, ...], *, mirrored: str) -> Judgement:
    """Judge whether fringes follow the phase that the generator gains on the qubit between the pulses."""
    if _follows(angle, gained):
        return Judgement(Outcome.MET, values, "phases have the right sign")
    if _follows(angle, -gained):
        return Judgement(Outcome.NOT_MET, values, mirrored)
    return Judgement(
        Outcome.NOT_MET,
        values,
        "the fringe does not follow the generator: its phase restarts with each pulse; let it run from the program's time "
        "zero, or add −2π (frequency − carrier) × start to the phase of each pulse; or the time between pulses is very different from the requested one, as with another sample rate",
    )


def _follows(angle: Floats, expected: Floats) -> bool:
    off_turns = wrap_angle(angle - expected) / (2 * np.pi)
    against_first = wrap_angle(angle - expected - (angle - expected)[0]) / (2 * np.pi)
    return bool(np.abs(off_turns).max() < _TOLERANCE + _CLOSE and np.abs(against_first).max() < _CLOSE)


def _express_in_turns(fringes: Fringes) -> tuple[float, float]:
    return float(fringes.angle[0] / (2 * np.pi)), float(fringes.angle_error[0] / (2 * np.pi))


PHASE_SIGN = Recipe(
    name=NAME, question="do phases have the right sign?", judge=_judge, after=SHOT_INTERVAL.name
)
