"""Failing lines: from a laboratory time on, a line transmits no signal.

An open line carries 120 dB less than before, far below any measurable signal (no single source).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_fake.physics.chip import QubitTruth

DEAD_LINE_TRANSMISSION = 1e-6
"""Amplitude transmitted by a dead line, relative to the original one."""


@dataclass(frozen=True, slots=True)
class DeadLine:
    """Dead drive line: its pulses and their crosstalk on neighbours have no effect."""

    from_s: float

    def at(self, qubit: QubitTruth, clock_s: float) -> QubitTruth:
        """Return the qubit with the state of the line at that time."""
        return qubit if clock_s < self.from_s else kill_drive_line(qubit)

    def remarks(self, clock_s: float) -> list[str]:
        """Return a remark with the time since which the line is dead."""
        dead = clock_s >= self.from_s
        return (
            [
                f"the drive line has been dead since {self.from_s / 3600:g}\N{NO-BREAK SPACE}h of laboratory time"
            ]
            if dead
            else []
        )


def kill_drive_line(qubit: QubitTruth) -> QubitTruth:
    """Return a qubit with a dead drive line, so that active resets leave the thermal population."""
    left = qubit.drive.rabi_per_amplitude_mhz * DEAD_LINE_TRANSMISSION
    return replace(
        qubit,
        drive=replace(qubit.drive, rabi_per_amplitude_mhz=left, dead=True),
        active_reset=replace(qubit.active_reset, residual=qubit.thermal_population),
    )


@dataclass(frozen=True, slots=True)
class DeadReadout:
    """Dead readout line: it returns only the noise of the amplifier."""

    from_s: float

    def at(self, qubit: QubitTruth, clock_s: float) -> QubitTruth:
        """Return the qubit with the state of the line at that time."""
        if clock_s < self.from_s:
            return qubit
        gain = qubit.resonator.gain * DEAD_LINE_TRANSMISSION
        return replace(make_blind(qubit), resonator=replace(qubit.resonator, gain=gain))

    def remarks(self, clock_s: float) -> list[str]:
        """Return a remark with the time since which the line is dead."""
        dead = clock_s >= self.from_s
        return (
            [
                f"the readout line has been dead since {self.from_s / 3600:g}\N{NO-BREAK SPACE}h of laboratory time"
            ]
            if dead
            else []
        )


def make_blind(qubit: QubitTruth) -> QubitTruth:
    """Return a qubit whose readout does not depend on its state, so that active resets leave the thermal population."""
    return replace(
        qubit,
        readout=replace(qubit.readout, separation=0.0, decay=0.0, excite=0.0, relax=0.0),
        active_reset=replace(qubit.active_reset, residual=qubit.thermal_population),
    )
