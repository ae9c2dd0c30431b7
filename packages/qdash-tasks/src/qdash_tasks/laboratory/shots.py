"""Shots of a measurement: their number and repetition, as requested, played and recorded."""

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
    """Repetition of shots: an active reset, or a wait of `interval_us` in which the qubit relaxes."""

    reset: ResetMode = "active"
    interval_us: float = USUAL_INTERVAL_US

    @classmethod
    def from_parameters(
        cls, run_parameters: Mapping[str, Any], resets: Collection[str] = RESETS
    ) -> Repetition:
        """Read the repetition from run parameters; defaults apply to tasks without them.

        If the run asks for ``reset="auto"``, it is active if `resets`, those of the laboratory, contain that, otherwise
        passive.
        """
        interval_ns = run_parameters.get("interval") or USUAL_INTERVAL_US * 1e3
        usual: ResetMode = "active" if "active" in resets else "passive"
        asked = run_parameters.get("reset", "auto")
        return cls(usual if asked == "auto" else asked, float(interval_ns) * 1e-3)

    def with_least_interval(self, shortest_us: float) -> Repetition:
        """Return the repetition with an interval of at least `shortest_us`."""
        return self if self.interval_us >= shortest_us else replace(self, interval_us=shortest_us)

    @classmethod
    def from_attributes(cls, attributes: Mapping[str, Any]) -> Repetition:
        """Read the repetition from the attributes of raw data, so that a refit uses that of the measurement."""
        return cls(
            "passive" if attributes.get("reset") == "passive" else "active",
            float(attributes.get("interval_us", USUAL_INTERVAL_US)),
        )

    def attributes(self) -> dict[str, Any]:
        """Return the repetition as attributes of raw data."""
        return {"interval_us": self.interval_us, "reset": self.reset}

    def make_shots(self, count: int) -> Shots:
        """Return `count` shots with this repetition."""
        return Shots(count=count, reset=self.reset, interval_us=self.interval_us)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shots:
    """Number of shots per point in a call, and their repetition.

    Attributes
    ----------
    reset
        ``"active"``: measure and flip back; ``"passive"``: wait.
    interval_us
        Least wait after the last readout of each shot when reset is passive.
    keep
        Whether `PulseLaboratory.play` returns means or every shot. Tasks never set it, and `measure` ignores it:
        requests state which they need.

    Raises
    ------
    InvalidInputError
        If the count is not a positive whole number, or the interval is not a positive finite time.
    """

    count: int
    reset: ResetMode = "passive"
    interval_us: float = USUAL_INTERVAL_US
    keep: Keep = "mean"

    def __post_init__(self) -> None:
        """Validate the fields."""
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
        """Repetition of the shots, independent of their number."""
        return Repetition(self.reset, self.interval_us)
