"""Lines that fail: from a laboratory time on nothing gets through.

An open line is taken to carry 120 dB less than before: what leaks past a connector that came loose, far below anything
that is measured, and no division by zero (no single source).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_fake.physics.chip import QubitTruth

LEFT_OF_A_DEAD_LINE = 1e-6
"""Amplitude behind an open line, relative to what it was."""


@dataclass(frozen=True, slots=True)
class DeadLine:
    """The drive line of a qubit, which fails: pulses do nothing, and so nothing that this line sends to neighbours."""

    from_s: float

    def at(self, qubit: QubitTruth, clock_s: float) -> QubitTruth:
        """Return the qubit with the line as it is at that time."""
        if clock_s < self.from_s:
            return qubit
        left = qubit.drive.rabi_per_amplitude_mhz * LEFT_OF_A_DEAD_LINE
        return replace(
            qubit,
            drive=replace(qubit.drive, rabi_per_amplitude_mhz=left, dead=True),
            active_reset=replace(qubit.active_reset, residual=qubit.thermal_population),
        )

    def remarks(self, clock_s: float) -> list[str]:
        """Say since when it is dead."""
        dead = clock_s >= self.from_s
        return [f"the drive line is dead since {self.from_s / 3600:g} h of laboratory time"] if dead else []


@dataclass(frozen=True, slots=True)
class DeadReadout:
    """The readout line of a qubit, which fails: only the amplifier's noise comes back."""

    from_s: float

    def at(self, qubit: QubitTruth, clock_s: float) -> QubitTruth:
        """Return the qubit with the line as it is at that time."""
        if clock_s < self.from_s:
            return qubit
        blind = replace(qubit.readout, separation=0.0, decay=0.0, excite=0.0, relax=0.0)
        return replace(
            qubit,
            resonator=replace(qubit.resonator, gain=qubit.resonator.gain * LEFT_OF_A_DEAD_LINE),
            readout=blind,
            active_reset=replace(qubit.active_reset, residual=qubit.thermal_population),
        )

    def remarks(self, clock_s: float) -> list[str]:
        """Say since when it is dead."""
        dead = clock_s >= self.from_s
        return [f"the readout line is dead since {self.from_s / 3600:g} h of laboratory time"] if dead else []
