"""Reset of a qubit to |0> between shots."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ActiveReset:
    """Active reset: repeated measurement and conditional flip; with the probability `residual` a shot starts in |1>."""

    residual: float
    duration_us: float

    @property
    def fidelity(self) -> float:
        """Return the probability that a shot starts in |0>."""
        return 1 - self.residual
