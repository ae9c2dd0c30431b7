"""Faults of a whole chip."""

from __future__ import annotations

from qdash_fake.timed_faults import FaultKind, FaultSize

CHIP_FAULTS = (
    FaultKind(
        name="warm-up",
        what="a warm-up",
        example="140@12-18",
        effect="the chip is in equilibrium at this temperature: thermal population rises, T1 falls (Jin et al., PRL 114, 240501 (2015); Catelani et al., PRB 84, 064517 (2011))",
        remark="the chip has been at {0:g}\N{NO-BREAK SPACE}mK",
        cause="warm-up",
        sizes=(FaultSize("MILLIKELVIN", "the temperature in mK", 10.0, 300.0),),
        on="chip",
    ),
)
