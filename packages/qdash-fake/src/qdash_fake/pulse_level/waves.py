"""Waves that reach a qubit during a program, each with one shape, frequency and phase."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_tasks.laboratory.program import Play, Waveform

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]


class Wave(NamedTuple):
    """Pulse at the qubit in the frame of its own frequency, ``z = rabi W(t - start) exp(i phase)`` in MHz.

    Phase and frequency include a rotation or sideband of the shape W. The Rabi frequency, at its peak, is not negative.
    """

    start_ns: float
    end_ns: float
    shape: Waveform
    rabi_mhz: float
    frequency_ghz: float
    phase_rad: float

    def at(self, times_ns: Floats, *, frame_ghz: float) -> Complexes:
        """Return z in MHz in the frame of `frame_ghz`, at times from the start of the program; 0 outside the pulse."""
        inside = (times_ns >= self.start_ns) & (times_ns <= self.end_ns)
        turned = self.phase_rad - 2 * np.pi * (self.frequency_ghz - frame_ghz) * times_ns
        return np.asarray(
            np.where(
                inside, self.rabi_mhz * self.shape.at(times_ns - self.start_ns) * np.exp(1j * turned), 0.0
            )
        )


def make_wave(play: Play, rabi_per_amplitude_mhz: float) -> Wave:
    """Return the wave of a pulse: a sideband adds to the frequency, a rotation to the phase."""
    shape, amplitude, phase_rad = play.waveform, play.amplitude, play.phase_rad
    frequency_ghz = play.frequency_ghz
    if shape.turn_rad or shape.sideband_ghz:
        phase_rad += shape.turn_rad + 2 * math.pi * shape.sideband_ghz * play.start_ns
        frequency_ghz += shape.sideband_ghz
        shape = replace(shape, turn_rad=0.0, sideband_ghz=0.0)
    if amplitude < 0:
        amplitude, phase_rad = -amplitude, phase_rad + math.pi
    rabi_mhz = rabi_per_amplitude_mhz * amplitude
    return Wave(play.start_ns, play.end_ns, shape, rabi_mhz, frequency_ghz, phase_rad)
