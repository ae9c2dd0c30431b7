"""Relaxation and dephasing while nothing drives the qubit."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_fake.physics.mismatch import NONE, Mismatch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Coherence:
    """White noise, which no echo refocuses, and a quasi-static detuning that differs between shots.

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
    mismatch: Mismatch = NONE

    @property
    def t2_star_us(self) -> float:
        """1/e time of the fringes without beating: of `free_decay`, and of the wander of the frequency from point to point.

        The positive root of ``t / T2 + (2 pi s t)^2 / 2 = 1``, with the squares of jitter and wander in s.
        """
        spread_mhz = math.hypot(self.jitter_mhz, self.mismatch.frequency_wander_mhz)
        rate, square = 1 / self.t2_echo_us, (2 * math.pi * spread_mhz) ** 2 / 2
        # This form of the quadratic formula keeps its digits if the jitter vanishes.
        unbeaten = 2 / (rate + math.sqrt(rate**2 + 4 * square))
        return self._compute_beating_t2_star(unbeaten) if self.mismatch.parity_mhz else unbeaten

    def with_faster_relaxation(self, rate: float) -> Coherence:
        """Return the coherence with an additional relaxation rate `rate` (1/us); pure dephasing is unchanged."""
        return replace(
            self, t1_us=1 / (1 / self.t1_us + rate), t2_echo_us=1 / (1 / self.t2_echo_us + rate / 2)
        )

    def relaxation(self, delay_us: Floats) -> Floats:
        """Return the remaining share of a population above the thermal one."""
        return self.mismatch.relaxation(delay_us / self.t1_us)

    def echo_decay(self, delay_us: Floats) -> Floats:
        """Return the echo envelope: white noise only, the slow detuning being refocused."""
        return np.exp(-delay_us / self.t2_echo_us)

    def free_decay(self, delay_us: Floats) -> Floats:
        """Return the envelope of free decay: white noise times a Gaussian of the jitter, and beating."""
        envelope = np.exp(-delay_us / self.t2_echo_us - (2 * np.pi * self.jitter_mhz * delay_us) ** 2 / 2)
        return np.asarray(envelope * self.mismatch.beating(delay_us))

    def _compute_beating_t2_star(self, unbeaten_us: float) -> float:
        """Return the first time at which the beating envelope is 1/e, before the parities are half a turn apart."""
        low, high = 0.0, min(unbeaten_us, 0.25 / self.mismatch.parity_mhz)
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if self.free_decay(np.array(middle)) > 1 / math.e else (low, middle)
        return high


def compute_jitter(*, t2_star_us: float, t2_echo_us: float) -> float:
    """Return the quasi-static detuning (MHz) that brings the free envelope to 1/e at `t2_star_us`."""
    exponent = max(1 - t2_star_us / t2_echo_us, 0.0)
    return math.sqrt(2 * exponent) / (2 * math.pi * t2_star_us)


def gate_error_limit(*, t1_us: float, t2_us: float, length_us: float) -> float:
    """Return the average error of a one-qubit gate of that length from relaxation and dephasing alone."""
    return 0.5 * (1 - 2 / 3 * math.exp(-length_us / t2_us) - 1 / 3 * math.exp(-length_us / t1_us))


def pair_error_limit(control: Coherence, target: Coherence, *, length_us: float) -> float:
    """Return the average error of a two-qubit gate of that length from relaxation and dephasing alone.

    ``4/5 (1 - F)``, F the product of ``(1 + exp(-t/T1) + 2 exp(-t/T2)) / 4`` of both qubits, T2 that of an echo.
    """
    kept = 1.0
    for one in (control, target):
        kept *= (1 + math.exp(-length_us / one.t1_us) + 2 * math.exp(-length_us / one.t2_echo_us)) / 4
    return 0.8 * (1 - kept)
