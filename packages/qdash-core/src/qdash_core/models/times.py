"""Lengths of time and moments, as people write and read them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from datetime import tzinfo

_LENGTH = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([a-z]+)")
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}


def parse_duration(text: str) -> timedelta:
    """Return a length of time above zero that is written as in `24h`, `30min` or `7d`.

    Raises
    ------
    InvalidInputError
        If it is none, or longer than a `timedelta` can be.
    """
    found = _LENGTH.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is not None and found[2] in _SECONDS:
        try:
            length = timedelta(seconds=float(found[1]) * _SECONDS[found[2]])
        except OverflowError as error:
            raise InvalidInputError(f"{text!r} is longer than can be counted") from error
        if length:
            return length
    raise InvalidInputError(
        f"{text!r} is not a length of time: write a number and one of {', '.join(_SECONDS)}, as in '24h'"
    )


def parse_moment(text: str, zone: tzinfo, *, now: datetime) -> datetime:
    """Return a moment in UTC that is written as a date, a date and time, or how long ago it was (`24h`).

    Parameters
    ----------
    text : str
        As ISO 8601 has it; a date alone is the begin of its day.
    zone : tzinfo
        The zone of what names none.
    now : datetime
        The present moment.

    Raises
    ------
    InvalidInputError
        If it is none of these.
    """
    try:
        if _LENGTH.fullmatch(text.strip()):
            return now - parse_duration(text)
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except InvalidInputError:
        raise
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(
            f"{text!r} is not a moment: write 2026-11-20, 2026-11-20T18:30 or how long ago, as in '24h'"
        ) from error


def moment_text(when: datetime, zone: tzinfo) -> str:
    """Return a moment by itself in a zone: `2026-11-21 14:55:03+01:00`."""
    return when.astimezone(zone).isoformat(sep=" ", timespec="seconds")
