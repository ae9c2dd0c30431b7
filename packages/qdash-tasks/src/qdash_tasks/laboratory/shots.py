"""How many shots a measurement takes, and how they follow each other: as asked for, played, and recorded."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

ResetMode = Literal["active", "passive"]
RESETS: frozenset[ResetMode] = frozenset({"active", "passive"})
Keep = Literal["mean", "each"]
KEEPS: frozenset[Keep] = frozenset({"mean", "each"})
USUAL_INTERVAL_US = 153.6


@dataclass(frozen=True, slots=True)
class Repetition:
    """What comes after a shot: an active reset, or a wait of `interval_us` in which the qubit relaxes by itself."""

    reset: ResetMode = "active"
    interval_us: float = USUAL_INTERVAL_US

    @classmethod
    def asked_for(cls, run_parameters: Mapping[str, Any], resets: Collection[str] = RESETS) -> Repetition:
        """Read it from run parameters; tasks without these do not care.

        Parameters
        ----------
        resets
            Those that a laboratory has: ``reset="auto"`` is active where that is among them, else passive.
        """
        interval_ns = run_parameters.get("interval") or USUAL_INTERVAL_US * 1e3
        usual: ResetMode = "active" if "active" in resets else "passive"
        asked = run_parameters.get("reset", "auto")
        return cls(usual if asked == "auto" else asked, float(interval_ns) * 1e-3)

    def at_least(self, shortest_us: float) -> Repetition:
        """Return it with an interval that is not below what a laboratory needs."""
        return self if self.interval_us >= shortest_us else replace(self, interval_us=shortest_us)

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

    def of(self, count: int) -> Shots:
        """Return so many shots that follow each other like this."""
        return Shots(count=count, reset=self.reset, interval_us=self.interval_us)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shots:
    """How many shots a call takes of each point, and how they follow each other.

    Attributes
    ----------
    count
        Repetitions of each point.
    reset
        ``"active"``: measure and flip back; ``"passive"``: wait.
    interval_us
        Least wait after the last readout of each shot when reset is passive.
    keep
        Whether `PulseLaboratory.play` answers means or every shot. Tasks never set it, and `measure` ignores it: requests
        say themselves which of both they need.

    Raises
    ------
    InvalidInputError
        If the count is no positive whole number, or the interval no positive finite time.
    """

    count: int
    reset: ResetMode = "passive"
    interval_us: float = USUAL_INTERVAL_US
    keep: Keep = "mean"

    def __post_init__(self) -> None:
        """Check the fields."""
        if isinstance(self.count, bool) or not isinstance(self.count, int) or self.count < 1:
            raise InvalidInputError(f"shots: {self.count!r} is not a positive whole number")
        if self.reset not in ("active", "passive"):
            raise InvalidInputError(f"reset: {self.reset!r} is neither 'active' nor 'passive'")
        if self.keep not in KEEPS:
            raise InvalidInputError(f"keep: {self.keep!r} is neither 'mean' nor 'each'")
        if not 0 < self.interval_us < math.inf:
            raise InvalidInputError(f"interval_us: {self.interval_us!r} is not a positive time")

    @property
    def repetition(self) -> Repetition:
        """How they follow each other, whatever their number."""
        return Repetition(self.reset, self.interval_us)
