"""Lengths of time, as people write them."""

from __future__ import annotations

import re
from datetime import timedelta

from qdash_core.errors import InvalidInputError

_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_LENGTH = re.compile(rf"([0-9]+(?:\.[0-9]+)?) ?({'|'.join(_SECONDS)})")


def is_duration(text: str) -> bool:
    """Return whether a text is a number with a unit, as in `24h`."""
    return _LENGTH.fullmatch(text.strip()) is not None


def parse_duration(text: str) -> timedelta:
    """Return a length of time above zero that is written as in `24h`, `30min` or `7d`.

    Raises
    ------
    InvalidInputError
        If it is none, or longer than a `timedelta` can be.
    """
    found = _LENGTH.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is not None:
        try:
            length = timedelta(seconds=float(found[1]) * _SECONDS[found[2]])
        except OverflowError as error:
            raise InvalidInputError(f"{text!r} is longer than can be counted") from error
        if length:
            return length
    raise InvalidInputError(
        f"{text!r} is not a length of time: write a number and one of {', '.join(_SECONDS)}, as in '24h'"
    )
