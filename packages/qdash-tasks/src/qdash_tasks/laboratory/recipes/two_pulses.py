"""Two X90 pulses of a detuned generator with a gap: a fringe that the generator itself times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_tasks.laboratory.program import Waveform
from qdash_tasks.laboratory.recipes.populations import detune_generator, make_timeline

if TYPE_CHECKING:
    from qdash_tasks.laboratory.program import Program
    from qdash_tasks.laboratory.pulse_laboratory import PulseLaboratory


@dataclass(frozen=True, slots=True)
class TwoPulses:
    """Program and the requested gap between its pulses, in ns."""

    program: Program
    gap_ns: float


def make_two_pulses(
    laboratory: PulseLaboratory, qid: str, off_mhz: float, gap_ns: float, phase_rad: float
) -> TwoPulses:
    """Return X90, a gap, and X90 at a phase, both from a generator `off_mhz` above the frequency in use.

    Raises `NotPossible` if the line does not reach that frequency.
    """
    made, pulse = make_timeline(laboratory), laboratory.settings[qid].x90
    frequency_ghz = detune_generator(laboratory, qid, off_mhz)
    x90 = Waveform("cosine", pulse.length_ns, beta_ns=pulse.beta_ns)
    made.play(qid, x90, pulse.amplitude, frequency_ghz=frequency_ghz)
    played_ns = made.wait(qid, gap_ns)
    made.play(qid, x90, pulse.amplitude, frequency_ghz=frequency_ghz, phase_rad=phase_rad)
    return TwoPulses(made.read(qid), played_ns)
