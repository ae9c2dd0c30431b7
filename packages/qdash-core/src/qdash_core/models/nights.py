"""Nights, from 18:00 to 12:00 in the time zone of the laboratory, and times of day across daylight-saving changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import tzinfo

_EVENING = 18
"""Hour at which a night starts, and at which digests and comparisons start by default on the day before."""
_NOON = 12
"""Hour at which a night ends."""
_NIGHTS = {"last-night": 1, "night-before-last": 2}
"""Words for nights, with the number of days since the one on whose evening they began."""
YESTERDAY_EVENING = f"yesterday {_EVENING}:00"


def find_last_time(hour: int, minute: int, zone: tzinfo, *, now: datetime) -> datetime:
    """Return the last time before now with a time of day in a zone, in UTC.

    Of a time that occurs twice at the end of daylight-saving time, the later one before now is meant; a time that is skipped at its
    start is shifted by the skipped hour.
    """
    today = now.astimezone(zone).replace(hour=hour, minute=minute, second=0, microsecond=0)
    found = []
    for days in range(3):
        first, second = ((today - timedelta(days=days)).replace(fold=fold).astimezone(UTC) for fold in (0, 1))
        found += [first, max(first, second)]  # in skipped time, the second is the earlier one
    return max(one for one in found if one <= now)


def find_night(text: str, zone: tzinfo, *, now: datetime) -> tuple[datetime, datetime] | None:
    """Return start and end in UTC of the night that a word names, or None for another text.

    The words are `last-night`, which began at 18:00 of the day before in the zone, and `night-before-last`.
    """
    days = _NIGHTS.get(text.strip())
    return None if days is None else get_night(_get_day(zone, now) - timedelta(days=days), zone)


def find_last_evening(zone: tzinfo, *, now: datetime) -> datetime:
    """Return 18:00 of the day before in a zone, in UTC: the default start of digests and comparisons."""
    start, _ = get_night(_get_day(zone, now) - timedelta(days=1), zone)
    return start


def find_day_of_night(moment: datetime, zone: tzinfo) -> date:
    """Return the day on whose evening the night of a time began; the afternoon belongs to the night before."""
    here = moment.astimezone(zone)
    return here.date() if here.hour >= _EVENING else here.date() - timedelta(days=1)


def get_night(day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return start and end in UTC of the night that begins on the evening of a day."""
    start = datetime(day.year, day.month, day.day, _EVENING, tzinfo=zone)
    end = (start + timedelta(days=1)).replace(hour=_NOON)
    return start.astimezone(UTC), end.astimezone(UTC)


def _get_day(zone: tzinfo, now: datetime) -> date:
    return now.astimezone(zone).date()
