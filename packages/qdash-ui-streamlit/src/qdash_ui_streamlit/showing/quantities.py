"""Values with their errors and units, as the command line writes them; a value that is missing is not zero."""

from __future__ import annotations

from qdash_core.cli.rendering.output import quantity

MISSING = "–"


def value_text(value: float | None, error: float | None = None, unit: str = "") -> str:
    """Return a value as people write it, `81.5(13) us`; `–` where there is none.

    Parameters
    ----------
    value, error : float or None
        In the unit; `error` is a standard deviation.
    unit : str
        What stands behind.
    """
    return MISSING if value is None else quantity(value, error, unit)
