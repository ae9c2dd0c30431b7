"""Pulses as a laboratory plays them: one envelope with three parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Prepared = Literal["00", "01", "10", "11", "bell"]
"""State prepared on two qubits before readout, control first."""


RISE_NS = 28.0
"""Usual length of each edge of a cross-resonance tone: a control detuned by 50 MHz follows it adiabatically,
unlike one of 20 ns.
"""


@dataclass(frozen=True, slots=True)
class Pulse:
    """Raised-cosine pulse with a derivative in quadrature (DRAG: Motzoi et al., PRL 103, 110501 (2009)).

    In phase ``W(t) = peak (1 - cos(2 pi t / length)) / 2``, in quadrature ``beta dW/dt``.

    Attributes
    ----------
    length_ns
        From first to last sample; half of it at peak amplitude would have the same area.
    beta_ns
        DRAG coefficient; 0 for no quadrature.
    """

    amplitude: float
    length_ns: float
    beta_ns: float = 0.0


@dataclass(frozen=True, slots=True)
class CrossResonanceTone:
    """Cross-resonance drive: tones on two lines at the drive frequency of the target.

    Flat with raised-cosine edges. Amplitudes are in units of each line's full scale, phases against the target's X.

    Attributes
    ----------
    amplitude, phase_rad
        Cross-resonance tone on the line of the control.
    cancel_amplitude, cancel_phase_rad
        Cancellation tone on the line of the target: cancels the part of the drive that does not depend on the control.
    rotary_amplitude
        Rotary tone on the line of the target, along X, signed: averages errors out over whole turns (Sundaresan et al.,
        PRX Quantum 1, 020318 (2020)).
    rise_ns
        Length of each edge.
    """

    amplitude: float
    phase_rad: float = 0.0
    cancel_amplitude: float = 0.0
    cancel_phase_rad: float = 0.0
    rotary_amplitude: float = 0.0
    rise_ns: float = RISE_NS


@dataclass(frozen=True, slots=True)
class ZX90:
    """Echoed cross-resonance gate: the tone, X180 of the control, the opposite tone, X180 of the control.

    The second tone has all amplitudes of the first with opposite sign (Sheldon et al., PRA 93, 060302 (2016)). Each
    lasts `tone_ns`, edges included.
    """

    tone: CrossResonanceTone
    tone_ns: float
