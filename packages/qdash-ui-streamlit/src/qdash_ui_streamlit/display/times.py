"""Durations and ages as text."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from qdash_core.models import times

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

_STEPS = ((60.0, "s"), (60.0, "min"), (24.0, "h"), (float("inf"), "d"))


def format_span(seconds: float) -> str:
    """Return a duration as short text: `42 s`, `3 min`, `2.5 h`, `4 d`."""
    left = seconds
    for size, unit in _STEPS:
        if round(left) < size:
            return (
                f"{left:.1f}\N{NO-BREAK SPACE}{unit}"
                if left < 10 and unit in ("s", "h", "d")
                else f"{left:.0f}\N{NO-BREAK SPACE}{unit}"
            )
        left /= size
    raise AssertionError(seconds)  # the last step has no limit


def format_duration(seconds: float) -> str:
    """Return a duration with its significant digits: `12 ms`, `7.3 s`, `42 s`, `7 min 38 s`, `2 h 4 min`, `2 d 3 h`."""
    if 0 < seconds < 1:
        return f"{float(f'{1000 * seconds:.2g}'):g}\N{NO-BREAK SPACE}ms"
    if seconds < 9.95:
        return f"{float(f'{seconds:.2g}'):g}\N{NO-BREAK SPACE}s"
    return re.sub(r"(?<=\d) ", "\N{NO-BREAK SPACE}", times.format_duration(seconds, whole=True))


def format_age(when: datetime, now: datetime) -> str:
    """Return the age of a time as text: `3 min ago`."""
    return f"{format_span(max(0.0, (now - when).total_seconds()))} ago"


def format_plot_time(at: datetime | None, zone: ZoneInfo) -> str:
    """Return a time as local time of a zone, as Plotly does not support time zones; empty for None."""
    return "" if at is None else at.astimezone(zone).replace(tzinfo=None).isoformat()


def make_time_range(times: Iterable[str]) -> dict[str, list[str]]:
    """Return a range of one hour for an axis with a single time, for which Plotly would use milliseconds; otherwise none."""
    shown = {*times}
    if len(shown) != 1:
        return {}
    at = datetime.fromisoformat(shown.pop())
    return {"range": [(at + timedelta(minutes=minutes)).isoformat() for minutes in (-30, 30)]}
