"""What can be asked of one qubit that is left alone between its pulses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from qdash_tasks.laboratory.compiling import Compiled
from qdash_tasks.laboratory.grids import common_grid_ns, not_below
from qdash_tasks.laboratory.request import Request, require_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_tasks.laboratory.compiling import Setup
    from qdash_tasks.laboratory.limits import Limits

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Relaxation(Request):
    """Signal against the delay after the X180 in use, iq shape (n,)."""

    axis = ("delay", "us")
    swept = "delays_us"

    delays_us: Floats

    def on_grid(self, limits: Limits, target: str) -> Self:
        """Return it with delays that the line and the readout share: all readouts follow the pulse alike."""
        grid_ns = common_grid_ns(limits.line(target).start_ns, limits.readout.start_ns)
        gaps_ns = (1e3 * gaps_us(limits, target, self.delays_us)).tolist()
        return replace(self, delays_us=np.array([1e-3 * not_below(gap_ns, grid_ns) for gap_ns in gaps_ns]))

    def compiled(self, target: str, at: Setup) -> Compiled:
        """Return X180, delay, for each delay."""
        programs = []
        for delay_us in self.delays_us.tolist():
            line = at.timeline()
            line.pulse(target, at.settings[target].x180)
            line.wait(target, 1e3 * delay_us)
            programs.append(line.read(target))
        return Compiled(tuple(programs), (target,))


@dataclass(frozen=True, eq=False)
class Ramsey(Request):
    """Signal after X90, delay, X90, the phase of the second one advancing with the delay, iq shape (n,).

    It oscillates at the magnitude of (qubit - drive frequency) + `detuning_mhz`. Coupled qubits that are asked for in the
    same place of one call are in superposition together and shift each other by half their static ZZ.

    Attributes
    ----------
    detuning_mhz
        Artificial: the phase advances by one turn in 1 / `detuning_mhz`. Of any sign.
    """

    axis = ("delay", "us")
    swept = "delays_us"

    delays_us: Floats
    detuning_mhz: float

    def __post_init__(self) -> None:
        """Check the fields."""
        super().__post_init__()
        require_number("detuning_mhz", self.detuning_mhz)

    def on_grid(self, limits: Limits, target: str) -> Self:
        """Return it with delays as the line plays them."""
        return replace(self, delays_us=gaps_us(limits, target, self.delays_us))

    def compiled(self, target: str, at: Setup) -> Compiled:
        """Return X90, delay, X90 for each delay; the phase is that of the delay as it is played."""
        x90, programs = at.settings[target].x90, []
        for delay_us in self.delays_us.tolist():
            line = at.timeline()
            line.pulse(target, x90)
            played_ns = line.wait(target, 1e3 * delay_us)
            line.pulse(target, x90, phase_rad=2e-3 * np.pi * self.detuning_mhz * played_ns)
            programs.append(line.read(target))
        return Compiled(tuple(programs), (target,))


@dataclass(frozen=True, eq=False)
class Echo(Request):
    """Signal after X90, half the delay, X180, half the delay, X90, against the whole delay, iq shape (n,)."""

    axis = ("delay", "us")
    swept = "delays_us"

    delays_us: Floats

    def on_grid(self, limits: Limits, target: str) -> Self:
        """Return it with halves of delays as the line plays them."""
        return replace(self, delays_us=2 * gaps_us(limits, target, self.delays_us / 2))

    def compiled(self, target: str, at: Setup) -> Compiled:
        """Return X90, half the delay, X180, half the delay, X90 for each delay."""
        settings, programs = at.settings[target], []
        for delay_us in self.delays_us.tolist():
            line = at.timeline()
            line.pulse(target, settings.x90)
            line.wait(target, 1e3 * delay_us / 2)
            line.pulse(target, settings.x180)
            line.wait(target, 1e3 * delay_us / 2)
            line.pulse(target, settings.x90)
            programs.append(line.read(target))
        return Compiled(tuple(programs), (target,))


def gaps_us(limits: Limits, qid: str, delays_us: Floats) -> Floats:
    """Return delays between two pulses as the line of a qubit plays them, shape (n,)."""
    return np.array([1e-3 * limits.gap_on_grid(qid, 1e3 * delay_us) for delay_us in delays_us.tolist()])
