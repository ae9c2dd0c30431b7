"""Changes of a qubit or a coupling by a fault that lasts from one laboratory time until another, or for ever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from qdash_fake.physics.chip import ChipTruth, CouplingTruth, QubitTruth

if TYPE_CHECKING:
    from qdash_fake.timed_faults import CouplingFaultKind, QubitFaultKind, TimedFault


class PresentFault(NamedTuple):
    """Fault at a time at which it is present.

    Attributes
    ----------
    chip
        Chip as drawn, for faults that depend on other qubits.
    since_h
        Hours since the fault began.
    """

    fault: TimedFault
    chip: ChipTruth
    since_h: float = 0.0

    @property
    def size(self) -> float:
        """First size of the fault."""
        return self.fault.sizes[0]

    def get_partner(self, qubit: QubitTruth) -> QubitTruth:
        """Return the other qubit of a fault of two, as drawn."""
        partner = self.fault.target if qubit.qid == self.fault.partner else self.fault.partner
        return self.chip.qubits[partner]


FaultEffect = Callable[[QubitTruth, PresentFault], QubitTruth]
"""Function that returns a qubit with a fault that is present."""

CouplingEffect = Callable[[CouplingTruth, PresentFault], CouplingTruth]
"""Function that returns a coupling with a fault that is present."""


@dataclass(frozen=True, slots=True)
class TimedChange:
    """Change of one qubit by a fault: a `DriftSchedule`."""

    qid: str
    kind: QubitFaultKind
    fault: TimedFault
    chip: ChipTruth

    def at(self, qubit: QubitTruth, clock_s: float) -> QubitTruth:
        """Return the qubit at that time."""
        if not self.fault.lasts(clock_s):
            return qubit
        since_h = clock_s / 3600 - self.fault.from_h
        return self.kind.effect(qubit, PresentFault(self.fault, self.chip, since_h))

    def remarks(self, clock_s: float) -> list[str]:
        """Return a remark during the fault."""
        return [self.kind.describe(self.fault, self.qid)] if self.fault.lasts(clock_s) else []


@dataclass(frozen=True, slots=True)
class TimedCouplingChange:
    """Change of one coupling by a fault: a `CouplingSchedule`."""

    kind: CouplingFaultKind
    fault: TimedFault
    chip: ChipTruth

    def at(self, coupling: CouplingTruth, clock_s: float) -> CouplingTruth:
        """Return the coupling at that time, with its static ZZ unchanged."""
        if not self.fault.lasts(clock_s):
            return coupling
        since_h = clock_s / 3600 - self.fault.from_h
        return self.kind.effect(coupling, PresentFault(self.fault, self.chip, since_h))

    def remarks(self, clock_s: float) -> list[str]:
        """Return a remark during the fault."""
        return [self.kind.describe(self.fault, self.fault.target)] if self.fault.lasts(clock_s) else []
