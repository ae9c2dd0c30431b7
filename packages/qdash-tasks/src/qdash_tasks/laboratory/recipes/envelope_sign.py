"""Recipe for the sign of envelopes: a sideband must bring a detuned generator back to the qubit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_tasks.laboratory.program import Waveform
from qdash_tasks.laboratory.recipes.populations import detune_generator, make_timeline, measure_populations
from qdash_tasks.laboratory.recipes.recipe import Recipe
from qdash_tasks.laboratory.recipes.recipe_finding import NotPossible
from qdash_tasks.laboratory.recipes.shot_interval import SHOT_INTERVAL
from qdash_tasks.laboratory.recipes.sign_decision import describe_mirrored_envelope, judge_sign

if TYPE_CHECKING:
    from qdash_tasks.laboratory.program import Program
    from qdash_tasks.laboratory.pulse_laboratory import PulseLaboratory
    from qdash_tasks.laboratory.recipes.recipe_finding import Judgement
    from qdash_tasks.laboratory.shots import Shots

_LENGTH_NS, _SHORTEST_NS = 200.0, 160.0
"""Lengths of the weak pulse: 1 MHz of detuning does not matter, and 40 MHz leave the qubit unexcited."""
_OFF_MHZ = 20.0


def _judge(laboratory: PulseLaboratory, qid: str, shots: Shots) -> Judgement:
    programs = [_make_program(laboratory, qid, sideband_mhz) for sideband_mhz in (-_OFF_MHZ, _OFF_MHZ)]
    return judge_sign(
        measure_populations(laboratory, qid, programs, shots),
        right="envelopes have the right sign",
        mirrored=describe_mirrored_envelope(laboratory, programs[0].plays[0]),
    )


def _make_program(laboratory: PulseLaboratory, qid: str, sideband_mhz: float) -> Program:
    """Return a long weak π pulse with a sideband, from a generator above the qubit."""
    made, pulse = make_timeline(laboratory), laboratory.settings[qid].x180
    longest_ns = laboratory.limits.line(qid).longest_pulse_ns
    if longest_ns < _SHORTEST_NS:
        raise NotPossible(
            f"this recipe needs a pulse of {_SHORTEST_NS:g}\N{NO-BREAK SPACE}ns, and the line of qubit {qid} plays {longest_ns:g}\N{NO-BREAK SPACE}ns"
        )
    length_ns = min(_LENGTH_NS, longest_ns)
    amplitude = pulse.amplitude * pulse.length_ns / length_ns
    weak = Waveform("cosine", length_ns, sideband_ghz=1e-3 * sideband_mhz)
    made.play(qid, weak, amplitude, frequency_ghz=detune_generator(laboratory, qid, _OFF_MHZ))
    return made.read(qid)


ENVELOPE_SIGN = Recipe(
    name="envelope_against_frequency",
    question="do envelopes have the right sign?",
    judge=_judge,
    after=SHOT_INTERVAL.name,
)
