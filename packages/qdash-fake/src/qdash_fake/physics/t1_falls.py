"""Falls of T1: a qubit relaxes faster by a given factor.

A defect on resonance causes such additional relaxation (up to tenfold: Klimov et al., PRL 121, 090502 (2018)); its shift of the frequency
is left out. Pure dephasing stays the same, so T2 falls with T1.
"""

from __future__ import annotations

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
