"""How a chip can depart from the models that fits use, so that error bars must widen.

Forms and sizes at strength 1, each drawn for every qubit; sizes are moderate on purpose and grow with the strength:

- relaxation by quasiparticles, ``exp(-t / T + n (exp(-t / Tqp) - 1))`` with n of 0.05 to 0.2 and Tqp a fifth to a half
  of T1 (form: Pop et al., Nature 508, 369 (2014); Gustavsson et al., Science 354, 1573 (2016), who saw 0.1 and more);
- two frequencies, 1 to 6 kHz apart, for the two charge parities (Koch et al., PRA 76, 042319 (2007): kHz for EJ/EC
  around 50; Riste et al., Nat. Commun. 4, 1913 (2013): the parity lasts for milliseconds, much longer than a shot);
- a readout gain that wanders by 0.2 to 0.6 % along a sweep, as amplifiers do within minutes (no single source);
- a gain with a slope of 0.05 to 0.2 % per MHz, from ripple in the cables (0.1 dB in 10 MHz; no single source), and a
  background in qubit spectroscopy that slopes by 5 to 20 % of the contrast in 100 MHz;
- a drive that begins 0.2 to 1 % too strong in long pulses and settles within 30 ns, as filters and mixers make it
  (no single source).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from qdash_fake.physics.streams import stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_fake.physics.chip import ChipTruth

    Floats = NDArray[np.float64]

_MOST_QUASIPARTICLES = 0.9
_DROOP_NS = 30.0
_WAVES = 4


@dataclass(frozen=True, slots=True)
class Mismatch:
    """What the fits' models do not know of one qubit; with nothing but zeros it follows them.

    Attributes
    ----------
    quasiparticles, quasiparticle_share
        Mean number that opens the fast channel of relaxation, and its time over T1.
    parity_mhz
        Half the distance between the frequencies of both charge parities.
    wander
        Standard deviation of the relative readout gain along a sweep.
    tilt_per_mhz
        Relative slope of the readout line's gain.
    background_per_ghz
        Slope under qubit spectroscopy, in units of the distance between the readout's centres.
    droop
        How much stronger a long pulse begins than it settles, relative to the settled drive.
    """

    quasiparticles: float = 0.0
    quasiparticle_share: float = 1.0
    parity_mhz: float = 0.0
    wander: float = 0.0
    tilt_per_mhz: float = 0.0
    background_per_ghz: float = 0.0
    droop: float = 0.0

    def relaxation(self, delay: Floats) -> Floats:
        """What is left of a population after `delay`, in units of the 1/e time of this very decay."""
        if not self.quasiparticles:
            return np.exp(-delay)
        fast = self.quasiparticles * np.expm1(-delay / self.quasiparticle_share)
        slow_rate = 1 + self.quasiparticles * math.expm1(-1 / self.quasiparticle_share)
        return np.asarray(np.exp(-delay * slow_rate + fast))

    def beating(self, delay_us: Floats) -> Floats:
        """What both parities leave of a coherence, each in half of the shots."""
        return np.asarray(np.cos(2 * np.pi * self.parity_mhz * delay_us))

    def drooped(self, duration_ns: Floats) -> Floats:
        """How long a pulse without droop would be that turns as far."""
        return np.asarray(duration_ns - self.droop * _DROOP_NS * np.expm1(-duration_ns / _DROOP_NS))


NONE = Mismatch()


def with_mismatch(chip: ChipTruth, strength: float) -> ChipTruth:
    """Return `chip` departing from the models; 1e times, and frequencies averaged over both parities, stay as they are."""
    if not strength:
        return chip
    qubits = {}
    for qid, qubit in chip.qubits.items():
        mismatch = _drawn(chip.seed, qid, strength)
        qubits[qid] = replace(
            qubit,
            coherence=replace(qubit.coherence, mismatch=mismatch),
            resonator=replace(qubit.resonator, tilt_per_mhz=mismatch.tilt_per_mhz),
            mismatch=mismatch,
        )
    return replace(chip, qubits=MappingProxyType(qubits))


def wandering(count: int, rng: np.random.Generator) -> Floats:
    """A smooth wave of unit variance over `count` points measured one after the other, slow parts strongest."""
    turn = 2 * np.pi * np.arange(count) / max(count, 1)
    order = np.arange(1, _WAVES + 1)[:, None]
    sines, cosines = rng.standard_normal((2, _WAVES, 1)) / order
    return np.asarray(
        np.sum(sines * np.sin(order * turn) + cosines * np.cos(order * turn), axis=0)
        / np.sqrt(np.sum(1 / order**2))
    )


def _drawn(seed: int, qid: str, strength: float) -> Mismatch:
    def log_uniform(purpose: str, low: float, high: float) -> float:
        share = stream(seed, qid, "mismatch", purpose).random()
        return strength * low * math.exp(share * math.log(high / low))

    def sign(purpose: str) -> float:
        return math.copysign(1.0, stream(seed, qid, "mismatch", purpose, "sign").random() - 0.5)

    return Mismatch(
        quasiparticles=min(log_uniform("quasiparticles", 0.05, 0.2), _MOST_QUASIPARTICLES),
        quasiparticle_share=float(stream(seed, qid, "mismatch", "share").uniform(0.2, 0.5)),
        parity_mhz=log_uniform("parity", 0.0005, 0.003),
        wander=log_uniform("wander", 0.002, 0.006),
        tilt_per_mhz=sign("tilt") * log_uniform("tilt", 0.0005, 0.002),
        background_per_ghz=sign("background") * log_uniform("background", 0.5, 2.0),
        droop=log_uniform("droop", 0.002, 0.01),
    )
