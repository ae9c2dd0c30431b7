"""Pulses as a laboratory plays them: one envelope, described by three numbers."""

from __future__ import annotations

from dataclasses import dataclass


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
