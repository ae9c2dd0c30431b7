"""Recipe for the phase reference: generators must run from the program's time zero, not restart with pulses.

An X90 at the qubit's frequency is followed by one of a generator above it, at the phase that cancels the advance of a
running generator: the fringe then does not depend on the start of the second pulse. A constant angle means another time
zero, which does no harm.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_tasks.laboratory.program import Program, Waveform
from qdash_tasks.laboratory.recipes.clock import CLOCK
from qdash_tasks.laboratory.recipes.fringe import PHASES_RAD, Fringes, wrap_angle
from qdash_tasks.laboratory.recipes.populations import (
    detune_generator,
    make_timeline,
    measure_populations,
    read_together,
)
from qdash_tasks.laboratory.recipes.recipe import Recipe
from qdash_tasks.laboratory.recipes.recipe_finding import Judgement, NotPossible, Outcome, Value
from qdash_tasks.laboratory.recipes.sign_decision import CLEAR, LEAST_CONTRAST

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_tasks.laboratory.pulse_laboratory import PulseLaboratory
    from qdash_tasks.laboratory.shots import Shots

    Floats = NDArray[np.float64]

_MOST_MHZ, _TURNS_OF_A_PULSE = 20.0, 0.6
_GAPS_TURNS = (0.4, 0.73, 1.0, 1.37, 1.6)
"""Gaps, in relative turns of the generators: over more than one turn, uneven, and none of them zero."""
_TOLERANCE_TURNS = 0.15
"""Tolerance: twice the fringe shift that a detuning of 1 MHz causes over these gaps."""


def _judge(laboratory: PulseLaboratory, qid: str, shots: Shots) -> Judgement:
    if not laboratory.limits.frequencies_change:
        raise NotPossible(
            "this recipe needs two frequencies of one generator in a call, and this laboratory cannot change them"
        )
    length_ns = laboratory.settings[qid].x90.length_ns
    off_mhz = min(_MOST_MHZ, 1e3 * _TURNS_OF_A_PULSE / length_ns)
    gaps_ns = [turns * 1e3 / off_mhz for turns in _GAPS_TURNS]
    plain = [
        _make_program(laboratory, qid, off_mhz, gap_ns, phase_rad)
        for gap_ns in gaps_ns
        for phase_rad in PHASES_RAD
    ]
    together = [_undo_advance(program, off_mhz) for program in read_together(plain)]
    fringes = Fringes(measure_populations(laboratory, qid, together, shots))
    return _assess(
        fringes, np.array([_find_centre_ns(program) for program in together[:: len(PHASES_RAD)]]), off_mhz
    )


def _assess(fringes: Fringes, centre_ns: Floats, off_mhz: float) -> Judgement:
    mean = complex(np.mean(fringes.amplitude))
    turns = wrap_angle(fringes.angle - np.angle(mean)) / (2 * np.pi)
    spread, depth = float(np.abs(turns).max()), float(np.mean(fringes.depth))
    widest = int(np.argmax(np.abs(turns)))
    values = (
        Value("depth", depth, float(np.mean(fringes.error)), None),
        Value(
            "angle",
            float(np.angle(mean) / (2 * np.pi)),
            float(fringes.angle_error.mean() / (2 * np.pi)),
            None,
            "turns",
        ),
        Value("angle scatters by", spread, float(fringes.angle_error[widest] / (2 * np.pi)), 0.0, "turns"),
    )
    if CLEAR * fringes.error.max() > LEAST_CONTRAST:
        return Judgement(Outcome.NOT_CLEAR, values, "more shots")
    if fringes.depth.max() < LEAST_CONTRAST / 2:
        return Judgement(
            Outcome.MET,
            values,
            "generators of different frequency have no fixed phase; no standard request needs one",
        )
    if spread < _TOLERANCE_TURNS:
        return Judgement(Outcome.MET, values, "generators have a common time zero")
    return Judgement(Outcome.NOT_MET, values, _explain_scatter(fringes, centre_ns, off_mhz))


def _explain_scatter(fringes: Fringes, centre_ns: Floats, off_mhz: float) -> str:
    """Explain why the angle depends on the start of the second pulse."""
    undone = fringes.amplitude * np.exp(4e-3j * np.pi * off_mhz * centre_ns)
    flat = np.abs(wrap_angle(np.angle(undone) - np.angle(undone.mean()))).max() / (2 * np.pi)
    if flat < _TOLERANCE_TURNS:
        return "the angle advances twice as fast as the generators: the phase is mirrored, see phase_against_frequency"
    return (
        "the phase of a generator restarts with each pulse: let it run from the program's time zero, or add "
        "−2π (frequency − carrier) × start to the phase of each pulse"
    )


def _make_program(
    laboratory: PulseLaboratory, qid: str, off_mhz: float, gap_ns: float, phase_rad: float
) -> Program:
    made, pulse = make_timeline(laboratory), laboratory.settings[qid].x90
    made.pulse(qid, pulse)
    made.wait(qid, gap_ns)
    made.play(
        qid,
        Waveform("cosine", pulse.length_ns, beta_ns=pulse.beta_ns),
        pulse.amplitude,
        phase_rad=phase_rad,
        frequency_ghz=detune_generator(laboratory, qid, off_mhz),
    )
    return made.read(qid)


def _undo_advance(program: Program, off_mhz: float) -> Program:
    """Shift the phase of the second pulse by the advance of its generator, at the middle of the pulse."""
    first, second = program.plays
    gained_rad = 2e-3 * np.pi * off_mhz * _find_centre_ns(program)
    return Program((first, replace(second, phase_rad=second.phase_rad + gained_rad)), program.readouts)


def _find_centre_ns(program: Program) -> float:
    second = program.plays[1]
    return (second.start_ns + second.end_ns) / 2


GENERATORS = Recipe(
    name="generators",
    question="do generators start at the program's time zero?",
    judge=_judge,
    after=CLOCK.name,
)
