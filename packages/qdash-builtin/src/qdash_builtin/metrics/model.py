"""Prefixes of units that suit small and large quantities."""

from __future__ import annotations

import math
import re

from qdash_core.models.quantities import format_quantity

_PREFIXES = {-12: "p", -9: "n", -6: "u", -3: "m", 0: "", 3: "k", 6: "M", 9: "G"}
_POWERS = {prefix: power for power, prefix in _PREFIXES.items()}
_UNIT = re.compile(r"([pnumkMG]?)(Hz|s)")
_SMALLEST, _LARGEST = 0.1, 1000.0
"""Numbers within these limits keep their unit."""


def format_difference(value: float, error: float, unit: str, *, per: str = "") -> str:
    """Return a difference with its standard deviation, both in `unit`, with the prefix that suits times and
    frequencies: `5.2(14) kHz`.

    `per` is a further part of the unit: `/day`.
    """
    factor, unit = choose_prefix(max(abs(value), error), unit)
    per = per if unit else f" 1{per}" if per else ""
    return format_quantity(value * factor, error * factor, unit) + per


def choose_prefix(size: float, unit: str) -> tuple[float, str]:
    """Return the unit that suits a size, and the factor that converts to it; a unit without prefixes stays."""
    found = _UNIT.fullmatch(unit)
    if found is None or size == 0 or not math.isfinite(size) or _SMALLEST <= size < _LARGEST:
        return 1.0, unit
    power = _POWERS[found[1]]
    wanted = 3 * math.floor((math.log10(size) + power) / 3)
    chosen = min(max(wanted, min(_PREFIXES)), max(_PREFIXES))
    return 10.0 ** (power - chosen), _PREFIXES[chosen] + found[2]
