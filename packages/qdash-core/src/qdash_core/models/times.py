"""Text formats of durations and times."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from datetime import tzinfo

_LENGTH = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([a-z]+)")
_SHORT_HOUR = re.compile(r"(?<=[ T])([0-9])(?=:[0-9]{2})")
_TOMORROW = "tomorrow"
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86_400
_SECONDS = {"s": 1, "min": _MINUTE_S, "h": _HOUR_S, "d": _DAY_S, "w": 7 * _DAY_S}


def parse_duration(text: str) -> timedelta:
    """Return a positive duration from text such as `24h`, `30min` or `7d`.

    Raises
    ------
    InvalidInputError
        If it is not a duration, or too long for a `timedelta`.
    """
    found = _LENGTH.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is not None and found[2] in _SECONDS:
        try:
            length = timedelta(seconds=float(found[1]) * _SECONDS[found[2]])
        except OverflowError as error:
            raise InvalidInputError(f"{text!r} is longer than can be counted") from error
        if length:
            return length
        raise InvalidInputError(f"{text!r} is no length of time: it has to be positive")
    raise InvalidInputError(
        f"{text!r} is not a length of time: write a number and one of {', '.join(_SECONDS)}, as in '24h'"
    )


def parse_moment(text: str, zone: tzinfo, *, now: datetime, ahead: bool = False) -> datetime:
    """Return the UTC time of a date, a date and time, or a duration relative to now (`24h`).

    A text is in ISO 8601, also with an hour of one digit, and in `zone` if it names none. A date alone is the start
    of its day. With `ahead` a duration leads to the future instead of the past, and a text may also be `tomorrow`,
    this time on the next day, or `tomorrow 9:00`.

    Raises
    ------
    InvalidInputError
        If it is none of these forms.
    """
    try:
        if _LENGTH.fullmatch(text.strip()):
            length = parse_duration(text)
            return now + length if ahead else now - length
        words = text.strip()
        if ahead and words.partition(" ")[0] == _TOMORROW:
            day = now.astimezone(zone) + timedelta(days=1)
            words = (
                words.replace(_TOMORROW, f"{day:%Y-%m-%d}", 1) if " " in words else f"{day:%Y-%m-%d %H:%M}"
            )
        moment = datetime.fromisoformat(_SHORT_HOUR.sub(r"0\1", words))
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except InvalidInputError:
        raise
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(
            f"{text!r} is not a moment: write 2026-11-20, 2026-11-20T18:30 or "
            f"{'tomorrow, or in how long' if ahead else 'how long ago'}, as in '24h'"
        ) from error


def format_day(when: datetime, zone: tzinfo) -> str:
    """Return the calendar day of a time in a zone, as in `20261121`, for execution ids and daily copies."""
    return when.astimezone(zone).strftime("%Y%m%d")


def format_time(when: datetime, zone: tzinfo) -> str:
    """Return the full text of a time in a zone: `2026-11-21 14:55:03+01:00`."""
    return when.astimezone(zone).isoformat(sep=" ", timespec="seconds")


def format_duration(seconds: float, *, whole: bool = False) -> str:
    """Return a duration in its two largest units: `4.0 s`, `3 min 12 s`, `1 h 12 min`, `2 d 3 h`.

    `whole` tells whether to write seconds without decimals, as for an estimate.
    """
    if seconds < _MINUTE_S - (0.5 if whole else 0.05):  # otherwise it is rounded to a minute
        return f"{seconds:.0f} s" if whole else f"{seconds:.1f} s"
    left = round(seconds)
    for size, unit, part, lesser in (
        (_DAY_S, "d", _HOUR_S, "h"),
        (_HOUR_S, "h", _MINUTE_S, "min"),
        (_MINUTE_S, "min", 1, "s"),
    ):
        if left >= size:
            rest = left % size // part
            return f"{left // size} {unit}" + (f" {rest} {lesser}" if rest else "")
    return f"{left} s"
