"""Lines that fail: from a laboratory time on, no signal gets through.

An open line carries 120 dB less than before: the leakage past a loose connector, far below any measurable
signal, which also avoids a division by zero (no single source).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_fake.physics.chip import QubitTruth

LEFT_OF_A_DEAD_LINE = 1e-6
"""Amplitude after an open line, relative to the original one."""


@dataclass(frozen=True, slots=True)
class DeadLine:
    """Failing drive line of a qubit: its pulses, and their crosstalk on neighbours, have no effect."""

    from_s: float

    def at(self, qubit: QubitTruth, clock_s: float) -> QubitTruth:
        """Return the qubit with the state of the line at that time."""
        if clock_s < self.from_s:
            return qubit
        left = qubit.drive.rabi_per_amplitude_mhz * LEFT_OF_A_DEAD_LINE
        return replace(
            qubit,
            drive=replace(qubit.drive, rabi_per_amplitude_mhz=left, dead=True),
            active_reset=replace(qubit.active_reset, residual=qubit.thermal_population),
        )

    def remarks(self, clock_s: float) -> list[str]:
        """Return a remark on the time since which it is dead."""
        dead = clock_s >= self.from_s
        return (
            [
                f"the drive line has been dead since {self.from_s / 3600:g}\N{NO-BREAK SPACE}h of laboratory time"
            ]
            if dead
            else []
        )


@dataclass(frozen=True, slots=True)
class DeadReadout:
    """Failing readout line of a qubit: only the amplifier's noise comes back."""

    from_s: float

    def at(self, qubit: QubitTruth, clock_s: float) -> QubitTruth:
        """Return the qubit with the state of the line at that time."""
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
        """Return a remark on the time since which it is dead."""
        dead = clock_s >= self.from_s
        return (
            [
                f"the readout line has been dead since {self.from_s / 3600:g}\N{NO-BREAK SPACE}h of laboratory time"
            ]
            if dead
            else []
        )
