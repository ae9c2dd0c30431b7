"""Requests for one qubit that idles between its pulses.

A delay in an answer is the time played between the end of one pulse and the start of the next one, or of the
readout if no pulse follows. In both cases the readout guard follows the last pulse.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import cycle
from typing import TYPE_CHECKING, Self

import numpy as np

from qdash_tasks.laboratory.compiled_request import Compiled
from qdash_tasks.laboratory.grids import find_common_grid_ns, round_up
from qdash_tasks.laboratory.request import Request, require_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_tasks.laboratory.compiled_request import Setup
    from qdash_tasks.laboratory.limits import Limits

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Relaxation(Request):
    """Signal against the delay from X180 to the readout, no shorter than the readout guard, iq shape (n,)."""

    axis = ("delay", "us")
    swept = "delays_us"

    delays_us: Floats

    def on_grid(self, limits: Limits, target: str) -> Self:
        """Return the request with delays on the common grid of line and readout, none shorter than the guard."""
        grid_ns = find_common_grid_ns(limits.line(target).start_ns, limits.readout.start_ns)
        guarded_us = np.maximum(self.delays_us, 1e-3 * limits.readout.guard_ns)
        gaps_ns = (1e3 * round_gaps_us(limits, target, guarded_us)).tolist()
        return replace(self, delays_us=np.array([1e-3 * round_up(gap_ns, grid_ns) for gap_ns in gaps_ns]))

    def compiled(self, target: str, at: Setup) -> Compiled:
        """Return X180 and the delay, for each delay."""
        programs = []
        for delay_us in self.delays_us.tolist():
            line = at.timeline()
            line.pulse(target, at.settings[target].x180)
            line.wait(target, 1e3 * delay_us)
            programs.append(line.read(target))
        return Compiled(tuple(programs), (target,))


@dataclass(frozen=True, eq=False)
class Ramsey(Request):
    """Signal after X90, delay, X90, with the second phase advancing with the delay, iq shape (n,).

    The delay is the gap from the end of the first pulse to the start of the second. The signal oscillates at
    the magnitude of (qubit - drive frequency) + `detuning_mhz`. Coupled qubits at the same place of one call
    are in superposition together and shift each other by half their static ZZ.

    `detuning_mhz` is artificial and of either sign: the phase advances by one turn in 1 / `detuning_mhz`.
    """

    axis = ("delay", "us")
    swept = "delays_us"

    delays_us: Floats
    detuning_mhz: float

    def __post_init__(self) -> None:
        """Validate the fields."""
        super().__post_init__()
        require_number("detuning_mhz", self.detuning_mhz)

    def on_grid(self, limits: Limits, target: str) -> Self:
        """Return the request with delays that the line can play."""
        return replace(self, delays_us=round_gaps_us(limits, target, self.delays_us))

    def compiled(self, target: str, at: Setup) -> Compiled:
        """Return X90, delay, X90 for each delay; the phase follows the delay as played."""
        return compile_ramsey(target, at, self.delays_us, self.detuning_mhz)


@dataclass(frozen=True, eq=False)
class Echo(Request):
    """Signal after X90, half the delay, X180, half the delay, X90, against the total delay, iq shape (n,).

    The total delay is the sum of both gaps, without the length of the X180.

    The phase of the X180 alternates between 0 and pi from program to program: an imperfect X180 then scatters the
    points about the decay, instead of biasing the decay time by relaxation in the first half.
    """

    axis = ("delay", "us")
    swept = "delays_us"

    delays_us: Floats

    def on_grid(self, limits: Limits, target: str) -> Self:
        """Return the request with half delays that the line can play."""
        return replace(self, delays_us=2 * round_gaps_us(limits, target, self.delays_us / 2))

    def compiled(self, target: str, at: Setup) -> Compiled:
        """Return a Hahn echo for each delay, with the X180 alternating between +x and −x."""
        settings, programs = at.settings[target], []
        for delay_us, phase_rad in zip(self.delays_us.tolist(), cycle((0.0, np.pi)), strict=False):
            line = at.timeline()
            line.pulse(target, settings.x90)
            line.wait(target, 1e3 * delay_us / 2)
            line.pulse(target, settings.x180, phase_rad=phase_rad)
            line.wait(target, 1e3 * delay_us / 2)
            line.pulse(target, settings.x90)
            programs.append(line.read(target))
        return Compiled(tuple(programs), (target,))


def compile_ramsey(
    target: str, at: Setup, delays_us: Floats, detuning_mhz: float, *, frequency_ghz: float | None = None
) -> Compiled:
    """Compile X90, delay, X90 for each delay, at the drive frequency in use if `frequency_ghz` is None."""
    x90, programs = at.settings[target].x90, []
    for delay_us in delays_us.tolist():
        line = at.timeline()
        line.pulse(target, x90, frequency_ghz=frequency_ghz)
        played_ns = line.wait(target, 1e3 * delay_us)
        turn_rad = 2e-3 * np.pi * detuning_mhz * played_ns
        line.pulse(target, x90, phase_rad=turn_rad, frequency_ghz=frequency_ghz)
        programs.append(line.read(target))
    return Compiled(tuple(programs), (target,))


def round_gaps_us(limits: Limits, qid: str, delays_us: Floats) -> Floats:
    """Round delays between two pulses to those that the line of a qubit plays, shape (n,)."""
    return np.array([1e-3 * limits.gap_on_grid(qid, 1e3 * delay_us) for delay_us in delays_us.tolist()])
