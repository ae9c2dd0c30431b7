"""Deviation of a qubit from the models of the fits, which must widen their error bars.

- relaxation by quasiparticles, ``exp(-t / T + n (exp(-t / Tqp) - 1))`` (Pop et al., Nature 508, 369 (2014);
  Gustavsson et al., Science 354, 1573 (2016));
- two frequencies for the two charge parities (Koch et al., PRA 76, 042319 (2007); Riste et al., Nat. Commun. 4, 1913
  (2013): the parity lasts for milliseconds, much longer than a shot);
- a frequency that differs from point to point of a sweep;
- a readout gain that wanders along a sweep, as amplifiers do within minutes;
- a gain that slopes with frequency, from ripple in the cables, and so the background in qubit spectroscopy;
- a drive that begins too strong in long pulses and settles within 30 ns, as filters and mixers make it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_DROOP_NS = 30.0
_WAVES = 4


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Effects on one qubit that the models of the fits do not include; all zero by default.

    Attributes
    ----------
    quasiparticles, quasiparticle_share
        Mean number that opens the fast channel of relaxation, and its time over T1.
    parity_mhz
        Half the distance between the frequencies of both charge parities.
    frequency_wander_mhz
        Standard deviation of the frequency from one point of a sweep to another. Fringes show it.
    background_per_ghz
        Slope under qubit spectroscopy, in units of the distance between the readout's centres.
    droop
        Relative excess of a long pulse at its start.
    """

    quasiparticles: float = 0.0
    quasiparticle_share: float = 1.0
    parity_mhz: float = 0.0
    frequency_wander_mhz: float = 0.0
    wander: float = 0.0
    tilt_per_mhz: float = 0.0
    background_per_ghz: float = 0.0
    droop: float = 0.0

    def relaxation(self, delay: Floats) -> Floats:
        """Return the remaining population after `delay`, given in units of the 1/e time of this decay."""
        if not self.quasiparticles:
            return np.exp(-delay)
        fast = self.quasiparticles * np.expm1(-delay / self.quasiparticle_share)
        slow_rate = 1 + self.quasiparticles * math.expm1(-1 / self.quasiparticle_share)
        return np.asarray(np.exp(-delay * slow_rate + fast))

    def beating(self, delay_us: Floats) -> Floats:
        """Return the remaining coherence, averaged over both charge parities with equal shares."""
        return np.asarray(np.cos(2 * np.pi * self.parity_mhz * delay_us))

    def apply_droop(self, duration_ns: Floats) -> Floats:
        """Return the length of a droop-free pulse with the same rotation angle."""
        return np.asarray(duration_ns - self.droop * _DROOP_NS * np.expm1(-duration_ns / _DROOP_NS))


NONE = Mismatch()


def draw_wander(count: int, rng: np.random.Generator) -> Floats:
    """Return a smooth random wave of unit variance over `count` points, dominated by slow components."""
    turn = 2 * np.pi * np.arange(count) / max(count, 1)
    order = np.arange(1, _WAVES + 1)[:, None]
    sines, cosines = rng.standard_normal((2, _WAVES, 1)) / order
    return np.asarray(
        np.sum(sines * np.sin(order * turn) + cosines * np.cos(order * turn), axis=0)
        / np.sqrt(np.sum(1 / order**2))
    )
