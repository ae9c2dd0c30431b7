"""Calendar of timetables: occurrences as pure functions of a rule and a time zone."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, assert_never
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from cronsim import CronSim, CronSimError

from qdash_builtin.timetables.models.timetable import AfterCooldown, Cron, Interval, Moment
from qdash_core.errors import InvalidInputError
from qdash_core.models.times import format_duration, format_time
from qdash_core.parsing.similar_names import suggest_zone

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from qdash_builtin.timetables.models.timetable import TimetableModel, When

_FIELDS = 5
_ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)
_OF_ONE_MACHINE = ("localtime", "posix", "right/", "Factory")
"""Entries of the zone database that depend on the machine and are unknown to others."""
_FIRST_YEAR, _LAST_YEAR = 1970, 2999
_DAY = timedelta(days=1)


def get_zone(name: str) -> ZoneInfo:
    """Return a time zone by its name; InvalidInputError when there is none."""
    with suppress(ZoneInfoNotFoundError, ValueError, OSError):
        if not name.startswith(_OF_ONE_MACHINE):
            return ZoneInfo(name)
    known = sorted(one for one in available_timezones() if not one.startswith(_OF_ONE_MACHINE))
    hint = suggest_zone(name, known, otherwise="; write one as in 'Europe/Berlin' or 'UTC'")
    raise InvalidInputError(f"{name!r} is not a known time zone{hint}")


def validate_rule(when: When, *, now: datetime) -> When:
    """Return a validated rule; an interval without an anchor starts at `now`.

    Raises
    ------
    InvalidInputError
        If a cron expression is not valid, or a time is centuries away.
    """
    match when:
        case Interval(anchor=None):
            return when.model_copy(update={"anchor": now})
        case Interval(anchor=datetime() as moment) | Moment(at=moment):
            _check_moment(moment)
        case Cron(expression=expression):
            _check_cron(expression)
    return when


def iter_occurrences(when: When, zone: tzinfo, *, after: datetime) -> Iterator[datetime]:
    """Yield the occurrences of a rule from `validate_rule` after an aware time, in UTC and in order.

    They are without end for a cron expression, which is in `zone`, or an interval. If clocks are put forward, a skipped
    time of day becomes the first moment after the gap. If they are put back, a repeated time is the first of the two.
    An expression with `*` as minute or hour continues through both hours (as in Debian's cron).
    """
    match when:
        case Cron(expression=expression):
            yield from _iter_cron(expression, zone, after)
        case Interval(every_s=every_s, anchor=anchor):
            assert anchor is not None, "filled in when it is checked"
            yield from _iter_interval(timedelta(seconds=every_s), anchor, after)
        case Moment(at=at):
            yield from (at,) if at > after else ()
        case AfterCooldown(at=known):
            yield from (known,) if known is not None and known > after else ()
        case _:
            assert_never(when)


def find_newest_until(when: When, zone: tzinfo, *, after: datetime, until: datetime) -> datetime | None:
    """Return the last occurrence after `after` and not after `until`, or None if there is none.

    A long period is searched from its end, so that a timetable that was not handled for a year is not slow.
    """
    reach = _DAY
    while True:
        begin = max(after, until - reach)
        newest = None
        for one in iter_occurrences(when, zone, after=begin):
            if one > until:
                break
            newest = one
        if newest is not None or begin == after:
            return newest
        reach *= 4


def find_next_start(timetable: TimetableModel) -> datetime | None:
    """Return the first unhandled occurrence, or None if paused or finished; raise as `list_next_starts`."""
    return next(iter(list_next_starts(timetable, after=timetable.considered_until, n=1)), None)


def list_next_starts(timetable: TimetableModel, *, after: datetime, n: int = 3) -> list[datetime]:
    """Return the next starts of a timetable, at most `n`, or none while it is paused.

    Raises
    ------
    InvalidInputError
        If this machine does not know its zone.
    """
    if timetable.paused:
        return []
    found = islice(iter_occurrences(timetable.when, get_zone(timetable.timezone), after=after), n)
    return [one for one in found if timetable.until is None or one <= timetable.until]


def restart_from(timetable: TimetableModel, now: datetime) -> TimetableModel:
    """Return a copy of a timetable whose occurrences begin after `now`.

    Raises
    ------
    InvalidInputError
        If its zone or rule is not valid, or no occurrence is left.
    """
    zone = get_zone(timetable.timezone)
    when = validate_rule(timetable.when, now=now)
    if timetable.until is not None:
        _check_moment(timetable.until)
    made = timetable.model_copy(update={"when": when, "considered_until": now})
    made = made.model_copy(update={"next_at": find_next_start(made)})
    if made.next_at is None and not made.paused and not isinstance(when, AfterCooldown):
        end = f" until {format_time(made.until, zone)}" if made.until is not None else ""
        raise InvalidInputError(
            f"{describe_rule(when, zone)}{end}: no such moment is left, nothing would ever be started"
        )
    return made


def describe_rule(when: When, zone: tzinfo) -> str:
    """Return a rule as text: `cron 0 2 * * *`, `every 6 h`, `once, 2026-11-22 02:00:00+01:00`, `after each cool-down`."""
    match when:
        case Cron(expression=expression):
            return f"cron {expression}"
        case Interval(every_s=every_s):
            return f"every {format_duration(every_s, whole=True)}"
        case Moment(at=at):
            return f"once, {format_time(at, zone)}"
        case AfterCooldown():
            return "after each cool-down"
        case _:
            assert_never(when)


def describe_cron(expression: str) -> str:
    """Return a description of a valid cron expression: `At 02:00 every day`."""
    return CronSim(expression, _ANY_TIME).explain()


def _check_moment(moment: datetime) -> None:
    """Raise an error for a time that cannot be represented in every zone, or used as a start."""
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise InvalidInputError(
            f"{moment:%Y-%m-%d}: a timetable is of the years {_FIRST_YEAR} to {_LAST_YEAR}"
        )


def _check_cron(expression: str) -> None:
    if len(expression.split()) != _FIELDS:
        raise InvalidInputError(
            f"cron expression {expression!r}: it takes minute, hour, day of the month, month and day of the week, "
            "as in '0 2 * * *'"
        )
    try:
        CronSim(expression, _ANY_TIME)
    except (CronSimError, ValueError) as error:
        raise InvalidInputError(f"cron expression {expression!r}: {str(error).lower()}") from None


def _iter_cron(expression: str, zone: tzinfo, after: datetime) -> Iterator[datetime]:
    last = after
    for one in CronSim(expression, after.astimezone(zone)):
        moment = one.astimezone(UTC)
        if moment > last:  # in the second of two hours alike it counts from the first
            last = moment
            yield moment


def _iter_interval(step: timedelta, anchor: datetime, after: datetime) -> Iterator[datetime]:
    number = max(0, (after - anchor) // step + 1)
    with suppress(OverflowError):  # the calendar ends with the year 9999
        while True:
            yield (anchor + number * step).astimezone(UTC)
            number += 1
