"""Faults of a qubit itself: its frequency, coherence and temperature."""

from __future__ import annotations

from qdash_fake.timed_faults import FaultKind, FaultSize

QUBIT_FAULTS = (
    FaultKind(
        name="t1-fall",
        what="a fall of T1",
        example="0:4@12-13",
        effect="T1 is divided by FACTOR; pure dephasing stays, so T2 falls with it (a defect on resonance: Klimov et al., PRL 121, 090502 (2018))",
        remark="T1 has been reduced by a factor of {0:g}",
        cause="t1-fall",
        sizes=(FaultSize("FACTOR", "the factor", 1.0, 1e3),),
    ),
)
