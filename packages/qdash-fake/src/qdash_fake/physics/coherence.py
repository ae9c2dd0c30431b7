"""Relaxation and dephasing while nothing drives the qubit."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Coherence:
    """White noise that no echo undoes, and a detuning that is still within a shot but differs between shots.

    Attributes
    ----------
    t1_us, t2_echo_us
        Relaxation time; 1/e time of a Hahn echo, at most 2 T1.
    jitter_mhz
        Standard deviation of the quasi-static detuning.
    """

    t1_us: float
    t2_echo_us: float
    jitter_mhz: float

    @property
    def t2_star_us(self) -> float:
        """1/e time of `free_decay`: the positive root of ``t / T2 + (2 pi s t)^2 / 2 = 1``."""
        rate, square = 1 / self.t2_echo_us, (2 * math.pi * self.jitter_mhz) ** 2 / 2
        # This form of the quadratic formula keeps its digits when the jitter vanishes.
        return 2 / (rate + math.sqrt(rate**2 + 4 * square))

    def relaxation(self, delay_us: Floats) -> Floats:
        """What is left of a population above the thermal one."""
        return np.exp(-delay_us / self.t1_us)

    def echo_decay(self, delay_us: Floats) -> Floats:
        """Envelope of a coherence whose slow detuning is refocused: white noise only."""
        return np.exp(-delay_us / self.t2_echo_us)

    def free_decay(self, delay_us: Floats) -> Floats:
        """Envelope of a coherence left alone: white noise times a Gaussian of the jitter."""
        return np.exp(-delay_us / self.t2_echo_us - (2 * np.pi * self.jitter_mhz * delay_us) ** 2 / 2)


def jitter_for(*, t2_star_us: float, t2_echo_us: float) -> float:
    """Return the quasi-static detuning (MHz) that brings the free envelope to 1/e at `t2_star_us`."""
    exponent = max(1 - t2_star_us / t2_echo_us, 0.0)
    return math.sqrt(2 * exponent) / (2 * math.pi * t2_star_us)


def gate_error_limit(*, t1_us: float, t2_us: float, length_us: float) -> float:
    """Average error of a one-qubit gate of that length from relaxation and dephasing alone."""
    return 0.5 * (1 - 2 / 3 * math.exp(-length_us / t2_us) - 1 / 3 * math.exp(-length_us / t1_us))
