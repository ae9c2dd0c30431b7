"""Reset of a qubit to |0> between shots."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ActiveReset:
    """Active reset: repeated measurement and conditional flip until the qubit is in |0>.

    Attributes
    ----------
    residual
        Probability that a shot nevertheless starts in |1>.
    duration_us
        Duration of the reset.
    """

    residual: float
    duration_us: float

    @property
    def fidelity(self) -> float:
        """Return the probability that a shot starts in |0>."""
        return 1 - self.residual
