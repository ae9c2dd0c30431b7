"""Effects of timed faults: the kinds with their effects, and the changes of a qubit or a coupling with time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from qdash_fake.timed_faults import FaultKind, FaultTarget, TimedFault

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_fake.physics.chip import ChipTruth, CouplingTruth, QubitTruth


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


@dataclass(frozen=True, slots=True, kw_only=True)
class QubitFaultKind(FaultKind):
    """Kind of fault that changes qubits, also as one of a chip or of multiplexers.

    Attributes
    ----------
    effect
        Function that returns a qubit with a fault that is present.
    """

    effect: Callable[[QubitTruth, PresentFault], QubitTruth]


@dataclass(frozen=True, slots=True, kw_only=True)
class CouplingFaultKind(FaultKind):
    """Kind of fault that changes couplings.

    Attributes
    ----------
    effect
        Function that returns a coupling with a fault that is present.
    """

    effect: Callable[[CouplingTruth, PresentFault], CouplingTruth]
    on: FaultTarget = "coupling"


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
