"""Estimates of measured quantities."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003  a field's type

LARGEST_NUMBER = 1e100
"""Largest size of a value or error: sums, squares and differences of such numbers do not overflow."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """An estimate: a value, its standard deviation if known, and its unit.

    `error` is None if the uncertainty is unknown, never an invented 0. `calibrated_at` (aware, or None if never
    calibrated) is set on values that are passed to a backend. It is not part of the estimate, and tasks leave it out.
    """

    value: float
    error: float | None = None
    unit: str = ""
    calibrated_at: datetime | None = field(default=None, compare=False, repr=False)

    def __float__(self) -> float:
        return float(self.value)


def is_usable_number(number: float) -> bool:
    """Return whether a number may be a value or an error: neither NaN nor infinite, nor larger than `LARGEST_NUMBER`."""
    # The limit is no float32 of NumPy, and not every int is a float.
    return abs(number if isinstance(number, int) else float(number)) <= LARGEST_NUMBER


def unit_symbol(unit: str) -> str:
    """Return a unit as written for people: `µs` for `us`."""
    return "µs" if unit == "us" else unit


def subtract(value: float, other: float, *, unit: str) -> float:
    """Return the difference of two numbers in a unit; of angles (`rad`) within half a turn."""
    plain = value - other
    return math.remainder(plain, math.tau) if unit == "rad" else plain


def format_sigmas(sigmas: float) -> str:
    """Return a difference in combined errors as text with its sign: `−8.2σ`, from 100 on without decimals."""
    text = f"{sigmas:+.1f}" if abs(sigmas) < 99.95 else f"{sigmas:+.0f}"
    return f"{text}σ".replace("-", "\N{MINUS SIGN}")
