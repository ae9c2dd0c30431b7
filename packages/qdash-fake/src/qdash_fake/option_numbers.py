"""Numbers in the options of a twin."""

from __future__ import annotations

import math


def parse_number(given: object, what: str, most: float = math.inf, *, least: float = 0.0) -> float:
    """Return a finite number from `least` to `most`; raise ValueError, in which `what` names it, for anything else."""
    try:
        number = math.nan if isinstance(given, bool) else float(given)  # type: ignore[arg-type] # other types raise
    except (TypeError, ValueError):
        number = math.nan
    if not least <= number <= most or math.isinf(number):
        limit = f"from {least:g} to {most:g}" if math.isfinite(most) else f"of at least {least:g}"
        raise ValueError(f"{what} must be a number {limit}")
    return number
