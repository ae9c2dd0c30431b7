"""How the shots of a measurement follow each other: as it is asked for, played, and recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Required, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping

ResetMode = Literal["active", "passive"]
USUAL_INTERVAL_US = 153.6


class Shots(TypedDict, total=False):
    """How many shots a call takes, and how they follow each other.

    Attributes
    ----------
    shots
        Repetitions of each point.
    interval_us
        Wait after each shot when reset is passive; the usual one when absent.
    reset
        ``"active"``: measure and flip back; ``"passive"``, also when absent: wait.
    """

    shots: Required[int]
    interval_us: float
    reset: ResetMode


@dataclass(frozen=True, slots=True)
class Repetition:
    """What comes after a shot: an active reset, or a wait of `interval_us` in which the qubit relaxes by itself."""

    reset: ResetMode = "active"
    interval_us: float = USUAL_INTERVAL_US

    @classmethod
    def asked_for(cls, run_parameters: Mapping[str, Any]) -> Repetition:
        """Read it from run parameters; tasks without these do not care."""
        interval_ns = run_parameters.get("interval", USUAL_INTERVAL_US * 1e3)
        return cls(run_parameters.get("reset", "active"), float(interval_ns) * 1e-3)

    @classmethod
    def recorded_in(cls, attributes: Mapping[str, Any]) -> Repetition:
        """Read it from the attributes of raw data, so that a refit judges as the first analysis did."""
        return cls(
            "passive" if attributes.get("reset") == "passive" else "active",
            float(attributes.get("interval_us", USUAL_INTERVAL_US)),
        )

    def attributes(self) -> dict[str, Any]:
        """Return it as attributes of raw data."""
        return {"interval_us": self.interval_us, "reset": self.reset}

    def of(self, shots: int) -> Shots:
        """Return it as the arguments of a measurement with so many shots."""
        return {"shots": shots, "interval_us": self.interval_us, "reset": self.reset}
