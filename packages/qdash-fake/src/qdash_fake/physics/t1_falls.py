"""Falls of T1: a qubit relaxes faster by a given factor.

As by a defect on resonance (up to tenfold: Klimov et al., PRL 121, 090502 (2018)), without its shift of the frequency.
Pure dephasing stays the same, so T2 falls with T1.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_fake.physics.chip import QubitTruth


def fall_t1(qubit: QubitTruth, factor: float) -> QubitTruth:
    """Return the qubit with its T1 divided by a factor."""
    return relax_faster(qubit, (factor - 1) / qubit.coherence.t1_us)


def relax_faster(qubit: QubitTruth, rate: float) -> QubitTruth:
    """Return the qubit with an additional relaxation rate (1/µs), also during its readout."""
    coherence = qubit.coherence.with_faster_relaxation(rate)
    return replace(qubit, coherence=coherence, readout=qubit.readout.with_t1(coherence.t1_us))


def add_quasiparticles(qubit: QubitTruth, mean: float, time_us: float) -> QubitTruth:
    """Return the qubit with a mean number of quasiparticles per shot; one relaxes it with a time (µs).

    The decay ``exp(-t / T1 + n (exp(-t / Tqp) - 1))`` (Pop et al., Nature 508, 369 (2014)) begins at the rate ``1/T1 +
    n/Tqp`` and ends at 1/T1. The new T1 is its 1/e time.
    """
    slow = 1 / qubit.coherence.t1_us
    low, high = 0.0, qubit.coherence.t1_us
    for _ in range(60):
        middle = (low + high) / 2
        decayed = slow * middle - mean * math.expm1(-middle / time_us) > 1
        low, high = (low, middle) if decayed else (middle, high)
    faster = relax_faster(qubit, 1 / high - slow)
    mismatch = replace(qubit.mismatch, quasiparticles=mean, quasiparticle_share=time_us / high)
    return replace(faster, mismatch=mismatch, coherence=replace(faster.coherence, mismatch=mismatch))
