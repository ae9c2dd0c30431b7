"""Request for a Carr-Purcell sequence: which pulses are played, on any laboratory."""

from dataclasses import dataclass, replace

import numpy as np
from qdash_tasks.laboratory import Compiled, Request


@dataclass(frozen=True, eq=False)
class CarrPurcell(Request):
    """Carr-Purcell: X90, Y180 in the middle of each of `pulses` equal parts of a delay, X90; iq against the delay, shape (n,)."""

    axis = ("delay", "us")
    swept = "delays_us"

    delays_us: np.ndarray
    pulses: int

    def on_grid(self, limits, target):
        """Return the request with delays whose parts the line can wait."""
        halves = 2 * self.pulses
        played_ns = [halves * limits.gap_on_grid(target, 1e3 * delay / halves) for delay in self.delays_us]
        return replace(self, delays_us=1e-3 * np.array(played_ns))

    def compiled(self, target, at):
        """Return one program for each delay."""
        settings, programs = at.settings[target], []
        for delay_us in self.delays_us:
            line, half_ns = at.timeline(), 1e3 * delay_us / (2 * self.pulses)
            line.pulse(target, settings.x90)
            for _ in range(self.pulses):
                line.wait(target, half_ns)
                line.pulse(target, settings.x180, phase_rad=np.pi / 2)
                line.wait(target, half_ns)
            line.pulse(target, settings.x90)
            programs.append(line.read(target))
        return Compiled(tuple(programs), (target,))
