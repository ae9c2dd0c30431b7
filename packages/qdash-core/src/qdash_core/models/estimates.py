"""What a measured value is: an estimate with its uncertainty."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003  a field's type


@dataclass(frozen=True, slots=True)
class Parameter:
    """One estimate: a value, its standard deviation where it is known, and its unit.

    `error` is None when the uncertainty is unknown; it is never a made-up 0. `calibrated_at` says of a value that a backend is
    given when it was calibrated (aware; None: nobody has); it is no part of the estimate, and a task leaves it out.
    """

    value: float
    error: float | None = None
    unit: str = ""
    calibrated_at: datetime | None = field(default=None, compare=False, repr=False)

    def __float__(self) -> float:
        return float(self.value)
