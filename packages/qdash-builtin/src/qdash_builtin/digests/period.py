"""Period of a digest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.values.point_in_time import PAST_POINTS, PointInTime, PointKind
from qdash_core.errors import InvalidInputError
from qdash_core.models.nights import find_last_evening, find_night

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_core.chips.chip import Chip
    from qdash_core.repositories.repositories import Repositories


@dataclass(frozen=True, slots=True)
class Period:
    """Period of a digest.

    Parameters
    ----------
    label : str
        The start, as the user wrote it; a duration before now, a time of day and a night as the time.
    is_past : bool
        Whether it has ended; else it ends now.
    """

    label: str
    start: datetime
    end: datetime
    is_past: bool


def find_period(
    repositories: Repositories,
    chip: Chip,
    zone: ZoneInfo,
    *,
    since: str | None,
    until: str | None,
    now: datetime,
) -> Period:
    """Return the period that a user wrote; takes and raises as `DigestService.make`."""
    if since is not None and (night := find_night(since, zone, now=now)) is not None:
        if until is not None:
            raise InvalidInputError(f"{since} names a whole night: leave out its end, {until}")
        start, last = night
        label, end = format_moment(start, zone), None if last >= now else last
    else:
        label, start = _find_start(repositories, chip, since, zone, now)
        end = None if until is None else _find_end(repositories, chip, until, zone, now)
    created_at = chip.header.created_at
    if end is not None and end <= created_at:
        raise InvalidInputError(
            f"the digest ends at {format_moment(end, zone)}, but chip {chip.header.chip_id} exists only since {format_moment(created_at, zone)}"
        )
    start = max(start, created_at)
    if end is not None and end <= start:
        raise InvalidInputError(
            f"the digest ends at {format_moment(end, zone)}, which is not after its start, {format_moment(start, zone)}"
        )
    return Period(label, start, end or now, is_past=end is not None)


def _find_start(
    repositories: Repositories, chip: Chip, since: str | None, zone: ZoneInfo, now: datetime
) -> tuple[str, datetime]:
    """Return the start of a digest as text and as a time."""
    if since is None:
        start = find_last_evening(zone, now=now)
        return format_moment(start, zone), start
    point = PointInTime.parse(since, zone, now=now, kinds=PAST_POINTS)
    start = _find_moment(repositories, chip, point)
    return format_moment(start, zone) if point.kind is PointKind.TIME else point.text, start


def _find_end(
    repositories: Repositories, chip: Chip, until: str, zone: ZoneInfo, now: datetime
) -> datetime | None:
    """Return the end of a digest, or None for now."""
    point = PointInTime.parse(until, zone, now=now, kinds=(*PAST_POINTS, PointKind.NOW))
    return None if point.kind is PointKind.NOW else _find_moment(repositories, chip, point)


def _find_moment(repositories: Repositories, chip: Chip, point: PointInTime) -> datetime:
    where = chip.header.project_id, chip.header.chip_id
    release = point.find_release(repositories, *where)
    return point.find_moment(repositories, *where) if release is None else release.created_at


def format_moment(moment: datetime, zone: ZoneInfo) -> str:
    """Return a time in a zone to the minute."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"
