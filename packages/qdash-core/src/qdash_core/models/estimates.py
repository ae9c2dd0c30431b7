"""What a measured value is: an estimate with its uncertainty."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parameter:
    """One estimate: a value, its standard deviation where it is known, and its unit.

    `error` is None when the uncertainty is unknown; it is never a made-up 0.
    """

    value: float
    error: float | None = None
    unit: str = ""

    def __float__(self) -> float:
        return float(self.value)
