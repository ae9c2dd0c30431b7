"""Pulses as a laboratory plays them: one envelope, described by three numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Prepared = Literal["00", "01", "10", "11", "bell"]
"""What is prepared of two qubits, control first, before both are read."""


RISE_NS = 28.0
"""Usual length of each edge of a cross-resonance tone: a control 50 MHz away follows it, which it does not within 20 ns."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """A raised-cosine pulse with a derivative in quadrature (DRAG: Motzoi et al., PRL 103, 110501 (2009)).

    In phase ``W(t) = peak (1 - cos(2 pi t / length)) / 2``, in quadrature ``beta dW/dt``.

    Attributes
    ----------
    amplitude
        Peak, in units of the instruments' full scale.
    length_ns
        From first to last sample; half of it at peak amplitude would have the same area.
    beta_ns
        DRAG coefficient; 0: no quadrature.
    """

    amplitude: float
    length_ns: float
    beta_ns: float = 0.0


@dataclass(frozen=True, slots=True)
class CrossResonanceTone:
    """What is played on two lines at once, at the drive frequency of the target.

    Flat with raised-cosine edges. Amplitudes are in units of each line's full scale, phases against the target's X.

    Attributes
    ----------
    amplitude, phase_rad
        On the line of the control.
    cancel_amplitude, cancel_phase_rad
        On the line of the target: undoes what of the tone reaches the target whatever the control does.
    rotary_amplitude
        On the line of the target too, along X, with its sign: turns the target by whole turns that average errors out
        (Sundaresan et al., PRX Quantum 1, 020318 (2020)).
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
    """An echoed cross-resonance gate: the tone, X180 of the control, the opposite tone, X180 of the control.

    The second tone has every amplitude of the first with the other sign (Sheldon et al., PRA 93, 060302 (2016)).

    Attributes
    ----------
    tone_ns
        Length of each of the two tones, edges included.
    """

    tone: CrossResonanceTone
    tone_ns: float
