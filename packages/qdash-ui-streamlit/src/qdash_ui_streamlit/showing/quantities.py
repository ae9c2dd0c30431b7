"""Values with errors and units, in the notation of physics."""

from __future__ import annotations

import re

from qdash_core.cli.rendering.output import quantity

MISSING = "–"
_MICROSECONDS = re.compile(r"(?<=[\d)])[ \N{NO-BREAK SPACE}]us\b")


def value_text(value: float | None, error: float | None = None, unit: str = "") -> str:
    """Return a value as text, `81.5(13) µs`; `–` for None.

    Parameters
    ----------
    value, error : float or None
        Value and standard deviation in the unit.
    unit : str
        Unit.
    """
    if value is None:
        return MISSING
    number = quantity(value, error, "").replace("-", "\N{MINUS SIGN}")
    return f"{number}\N{NO-BREAK SPACE}{unit_text(unit)}" if unit else number


def unit_text(unit: str) -> str:
    """Return the symbol of a unit: `µs` for `us`."""
    return "µs" if unit == "us" else unit


def use_unit_symbols(text: str) -> str:
    """Return a text with the symbol of the unit after each number: `100 µs` for `100 us`."""
    return _MICROSECONDS.sub("\N{NO-BREAK SPACE}µs", text)
