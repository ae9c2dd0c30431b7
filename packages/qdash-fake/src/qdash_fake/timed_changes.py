"""Effects of timed faults: the kinds with their effects, and the changes of a qubit or a coupling with time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from qdash_fake.timed_faults import FaultKind, FaultTarget, TimedFault

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_fake.physics.chip import ChipTruth, CouplingTruth, QubitTruth

T = TypeVar("T", "QubitTruth", "CouplingTruth")


class PresentFault(NamedTuple):
    """Fault that is present for `since_h` hours, with the chip as drawn for faults that depend on other qubits."""

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
class _EffectKind(FaultKind, Generic[T]):
    """Kind of fault; `effect` returns a qubit or coupling with a fault that is present."""

    effect: Callable[[T, PresentFault], T]


@dataclass(frozen=True, slots=True, kw_only=True)
class QubitFaultKind(_EffectKind["QubitTruth"]):
    """Kind of fault that changes qubits, also as one of a chip or of multiplexers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CouplingFaultKind(_EffectKind["CouplingTruth"]):
    """Kind of fault that changes couplings."""

    on: FaultTarget = "coupling"


@dataclass(frozen=True, slots=True)
class TimedChange(Generic[T]):
    """Change of a qubit or coupling by a fault: a `DriftSchedule` or a `CouplingSchedule`."""

    target: str
    kind: _EffectKind[T]
    fault: TimedFault
    chip: ChipTruth

    def at(self, truth: T, clock_s: float) -> T:
        """Return the qubit or coupling at that time, with the static ZZ of the coupling unchanged."""
        if not self.fault.lasts(clock_s):
            return truth
        since_h = clock_s / 3600 - self.fault.from_h
        return self.kind.effect(truth, PresentFault(self.fault, self.chip, since_h))

    def remarks(self, clock_s: float) -> list[str]:
        """Return a remark during the fault."""
        return [self.kind.describe(self.fault, self.target)] if self.fault.lasts(clock_s) else []
