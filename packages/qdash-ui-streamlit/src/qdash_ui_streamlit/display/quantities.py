"""Values with errors and units, in the notation of physics."""

from __future__ import annotations

import re

from qdash_core.models.quantities import format_quantity

MISSING = "–"
_SMALL = 0.1
_SMALLER_UNITS = {"GHz": "MHz", "MHz": "kHz", "kHz": "Hz", "s": "ms", "ms": "us", "us": "ns"}
_BEFORE_UNIT = re.compile(r"(?<=[\d)]) (?=(?:[GMk]?Hz|[mun]?s|µs|min|h|a\.u\.|m?rad|%)(?![\w/]))")
_MICROSECONDS = re.compile(r"(?<=\N{NO-BREAK SPACE})us\b")


def format_value(value: float | None, error: float | None = None, unit: str = "") -> str:
    """Return a value as text, `81.5(13) µs`, with its standard deviation in the unit; `–` for None."""
    if value is None:
        return MISSING
    number = format_quantity(value, error, "").replace("-", "\N{MINUS SIGN}")
    return f"{number}\N{NO-BREAK SPACE}{format_unit(unit)}" if unit else number


def format_difference(value: float | None, error: float | None = None, unit: str = "") -> str:
    """Return a difference as `format_value`, in a smaller unit if it has leading zeros: `−0.53(5) kHz` for −0.00000053(5) GHz.

    One that is smaller than its error keeps the unit that suits the error.
    """
    while value and max(abs(value), error or 0) < _SMALL and unit in _SMALLER_UNITS:
        value, error, unit = 1000 * value, error and 1000 * error, _SMALLER_UNITS[unit]
    return format_value(value, error, unit)


def format_unit(unit: str) -> str:
    """Return the symbol of a unit: `µs` for `us`."""
    return "µs" if unit == "us" else unit


def use_unit_symbols(text: str) -> str:
    """Return a text with the symbol of a unit after each number, and no line break between them."""
    return _MICROSECONDS.sub("µs", _BEFORE_UNIT.sub("\N{NO-BREAK SPACE}", text))
