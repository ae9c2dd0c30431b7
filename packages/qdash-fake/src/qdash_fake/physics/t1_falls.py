"""Falls of T1: between two laboratory times a qubit relaxes faster by a given factor.

A defect on resonance causes such additional relaxation (up to tenfold: Klimov et al., PRL 121, 090502 (2018)); its shift of the frequency
is left out. Pure dephasing stays the same, so T2 falls with T1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_fake.physics.chip import QubitTruth


@dataclass(frozen=True, slots=True)
class T1Fall:
    """Fall of T1 by a factor, from one laboratory time until another, or for ever."""

    factor: float
    from_s: float
    until_s: float = math.inf

    def at(self, qubit: QubitTruth, clock_s: float) -> QubitTruth:
        """Return the qubit with its T1 at that time."""
        if not self._lasts(clock_s):
            return qubit
        coherence = qubit.coherence.with_faster_relaxation((self.factor - 1) / qubit.coherence.t1_us)
        return replace(qubit, coherence=coherence, readout=qubit.readout.with_t1(coherence.t1_us))

    def remarks(self, clock_s: float) -> list[str]:
        """Return a remark during the fall."""
        if not self._lasts(clock_s):
            return []
        since = f"{self.from_s / 3600:g}\N{NO-BREAK SPACE}h of laboratory time"
        return [f"T1 has been reduced by a factor of {self.factor:g} since {since}"]

    def _lasts(self, clock_s: float) -> bool:
        return self.from_s <= clock_s < self.until_s
