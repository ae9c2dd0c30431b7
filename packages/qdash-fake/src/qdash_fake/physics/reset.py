"""How a qubit is brought back to |0> between shots."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ActiveReset:
    """Measure, flip when the answer was 1, repeat until it holds: what was before is forgotten.

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
        """Chance to start a shot in |0>."""
        return 1 - self.residual
