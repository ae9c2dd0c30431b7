"""Numbers that users type into forms."""

from __future__ import annotations

import math

from qdash_core.errors import InvalidInputError


def parse_number(what: str, text: str) -> float:
    """Return a typed number; raise InvalidInputError, which calls it `what`, if it is not a finite number."""
    plain = text.strip().replace("\N{MINUS SIGN}", "-")
    try:
        number = float(plain) if plain.isascii() and "_" not in plain else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InvalidInputError(f"the {what} {text!r} is not a finite number")
    return number
