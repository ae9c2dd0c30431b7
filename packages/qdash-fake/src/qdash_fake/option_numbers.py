"""Numbers in the options of a twin."""

from __future__ import annotations

import math


def parse_number(given: object, what: str, most: float = math.inf) -> float:
    """Return a finite number from 0 to `most`; raise ValueError, in which `what` names it, for anything else."""
    try:
        number = math.nan if isinstance(given, bool) else float(given)  # type: ignore[arg-type] # other types raise
    except (TypeError, ValueError):
        number = math.nan
    if not 0 <= number <= most or math.isinf(number):
        limit = f"from 0 to {most:g}" if math.isfinite(most) else "of at least 0"
        raise ValueError(f"{what} must be a number {limit}")
    return number
