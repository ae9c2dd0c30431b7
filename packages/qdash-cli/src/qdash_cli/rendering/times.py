"""Text output of times."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from zoneinfo import ZoneInfo


def format_time(when: datetime | None, zone: ZoneInfo) -> str:
    """Return a full time, such as `2026-11-21 14:55:03+01:00`, or nothing for None."""
    from qdash_core.models.times import format_time

    return "" if when is None else format_time(when, zone)


def format_short_time(when: datetime | None, zone: ZoneInfo, *, now: datetime | None = None) -> str:
    """Return a time for a table, such as `11-21 14:55`, with the year if it is not the current one."""
    if when is None:
        return ""
    from qdash_core.process.clock import utc_now

    local, here = when.astimezone(zone), (now or utc_now()).astimezone(zone)
    return local.strftime("%m-%d %H:%M" if local.year == here.year else "%Y-%m-%d %H:%M")


def format_time_header(what: str, zone: ZoneInfo, when: Iterable[datetime | None]) -> str:
    """Return the header of a column of times with the time zone, as in `begun (JST)`, or with two zones."""
    names = dict.fromkeys(get_zone_abbreviation(zone, one) for one in when if one is not None)
    return f"{what} ({'/'.join(names)})" if names else what


def get_zone_abbreviation(zone: ZoneInfo, when: datetime) -> str:
    """Return the abbreviation of a time zone at a time: `CET`, or `UTC+3` if it has no letters."""
    name = when.astimezone(zone).tzname() or zone.key
    return f"UTC{name}" if name[0] in "+-" else name
