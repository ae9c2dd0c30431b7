"""Size of the deviation of a chip's qubits from the models of the fits.

Sizes at strength 1, each drawn for every qubit; they are moderate on purpose and grow with the strength:

- quasiparticles: n of 0.05 to 0.2 (Gustavsson et al., Science 354, 1573 (2016), saw 0.1 and more), Tqp a fifth to half of T1;
- charge parities: 1 to 6 kHz apart (Koch et al., PRA 76, 042319 (2007): kHz for EJ/EC around 50);
- wandering of the readout gain: 0.2 to 0.6 % along a sweep (no single source);
- slope of the gain: 0.05 to 0.2 % per MHz (0.1 dB in 10 MHz; no single source); of the background in qubit spectroscopy:
  5 to 20 % of the contrast in 100 MHz;
- overshoot of long pulses: 0.2 to 1 % (no single source).
"""

from __future__ import annotations

import math
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from qdash_fake.physics.mismatch import Mismatch
from qdash_fake.physics.streams import stream

if TYPE_CHECKING:
    from qdash_fake.physics.chip import ChipTruth

_MOST_QUASIPARTICLES = 0.9


def add_mismatch(chip: ChipTruth, strength: float) -> ChipTruth:
    """Return `chip` with deviations from the models.

    1/e times, and mean frequencies over both parities, are unchanged.
    """
    if not strength:
        return chip
    qubits = {}
    for qid, qubit in chip.qubits.items():
        mismatch = _draw_mismatch(chip.seed, qid, strength)
        qubits[qid] = replace(
            qubit,
            coherence=replace(qubit.coherence, mismatch=mismatch),
            resonator=replace(qubit.resonator, tilt_per_mhz=mismatch.tilt_per_mhz),
            mismatch=mismatch,
        )
    return replace(chip, qubits=MappingProxyType(qubits))


def _draw_mismatch(seed: int, qid: str, strength: float) -> Mismatch:
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
