"""Reset of a qubit to |0> between shots."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ActiveReset:
    """Active reset: measure, flip if the answer is 1, repeat until it holds; it forgets the previous state.

    Attributes
    ----------
    residual
        Chance to start a shot in |1> all the same.
    duration_us
        Time that it takes.
    """

    residual: float
    duration_us: float

    @property
    def fidelity(self) -> float:
        """Return the probability to start a shot in |0>."""
        return 1 - self.residual
