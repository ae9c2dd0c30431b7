"""Numbers with their errors and units, and counts, as text."""

from __future__ import annotations

import math
import re

from qdash_core.models.estimates import unit_symbol

_MICROSECONDS = re.compile(r"(?<=[\d)] )us\b")
_MOST_DIGITS = 17
"""Number of decimal digits of a floating-point number."""


def format_quantity(value: float, error: float | None, unit: str) -> str:
    """Return a value with its error in parentheses, which refers to the last digits: `4.67123(5) GHz`.

    If that needs more digits than a floating-point number has, the error is written separately: `4.67123 ± 1e-20 GHz`.
    """
    unit = f" {unit_symbol(unit)}" if unit else ""
    if error is None or error <= 0:
        return f"{use_minus_sign(f'{value:.6g}')}{unit}"
    decimals = _count_decimals(error)
    if decimals > _MOST_DIGITS or max(error, abs(value)) >= 10**_MOST_DIGITS:
        return use_minus_sign(f"{value:.6g} ± {error:.2g}") + unit
    number = use_minus_sign(f"{value:z.{decimals}f}")
    return f"{number}({round(error * 10**decimals)}){unit}"


def format_count(number: int, noun: str) -> str:
    """Return a number with its noun: `1 group`, `2 groups`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def round_as_shown(value: float, error: float | None) -> float:
    """Return a value rounded to the digits that `format_quantity` shows."""
    if error is None or error <= 0:
        return float(f"{value:.6g}")
    return round(value, min(_count_decimals(error), _MOST_DIGITS))


def round_to_error(error: float, value: float) -> str:
    """Return a value with the number of decimals that its error justifies."""
    return use_minus_sign(f"{value:.{_count_decimals(error)}f}")


def use_unit_symbols(text: str) -> str:
    """Return a text with `µs` for `us` after each number."""
    return _MICROSECONDS.sub("µs", text)


def use_minus_sign(number: str) -> str:
    """Return a formatted number with true minus signs."""
    return number.replace("-", "\N{MINUS SIGN}")


def _count_decimals(error: float) -> int:
    """Return the number of decimals for an error: two significant digits if it begins with 1, else one."""
    exponent = math.floor(math.log10(error))
    return max(0, (1 if error < 2 * 10**exponent else 0) - exponent)
