"""Values with errors and units, formatted as by the command line."""

from __future__ import annotations

from qdash_core.cli.rendering.output import quantity

MISSING = "–"


def value_text(value: float | None, error: float | None = None, unit: str = "") -> str:
    """Return a value as text, `81.5(13) us`; `–` for None.

    Parameters
    ----------
    value, error : float or None
        Value and standard deviation in the unit.
    unit : str
        Unit.
    """
    return MISSING if value is None else quantity(value, error, unit)
