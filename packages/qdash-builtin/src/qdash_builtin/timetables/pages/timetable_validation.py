"""Values of the form of a timetable, their validation as by the host, and the request made from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, TypeVar, assert_never

from pydantic import ValidationError

from qdash_builtin.timetables.calendar import get_zone, iter_occurrences, validate_rule
from qdash_builtin.timetables.models.timetable import AfterCooldown, Cron, Interval, Moment
from qdash_builtin.timetables.requests import TimetableRequest
from qdash_core.errors import InvalidInputError
from qdash_core.models.error_messages import find_first_error
from qdash_core.models.times import parse_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from qdash_builtin.timetables.activity import Activity
    from qdash_builtin.timetables.models.timetable import Missed, When

T = TypeVar("T")
Kind = Literal["once", "daily", "weekly", "every", "cron", "cooldown"]

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
"""Days of the week, as cron expressions name them."""

NAME, WHEN, ZONE, WITHIN = "name", "when", "zone", "within"
"""Names of the fields with error messages."""
_SHOWN_STARTS = 3


@dataclass(frozen=True, slots=True)
class TimetableFormValues:
    """Values of the form.

    Parameters
    ----------
    kind : str
        `once`, `daily`, `weekly` on `days`, `every` for an interval, `cron`, or `cooldown` for a start after each cool-down.
    zone : str
        Name of the time zone of all times.
    day, at : date and time, or None
        Day of a single start, and time of day of a single, daily or weekly start.
    days : sequence of str
        Some of `WEEKDAYS`.
    every, cron : str
        Interval and cron expression as typed: `6h`, and `0 2 * * *`.
    within : str
        Maximum delay of a start as typed: `2h`; empty: no limit.
    last_day : date or None
        Last day of a start, or None for no end.
    """

    name: str
    kind: Kind
    zone: str
    day: date | None = None
    at: time | None = None
    days: Sequence[str] = ()
    every: str = ""
    cron: str = ""
    missed: Missed = "skip"
    within: str = ""
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class ValidatedTimetableForm:
    """Validated form: the request, or the errors by field name; and the times with the first starts in UTC, if they are valid."""

    body: TimetableRequest | None
    starts: Sequence[datetime]
    problems: Mapping[str, str]
    when: When | None = None


def validate_timetable_form(
    filled: TimetableFormValues, wanted: Activity[Any], now: datetime
) -> ValidatedTimetableForm:
    """Return the request of a form with its first starts, or its errors by field, as the host would."""
    problems: dict[str, str] = {}
    if not filled.name:
        problems[NAME] = "enter a name"
    zone = _collect_problem(problems, ZONE, partial(get_zone, filled.zone))
    within = _collect_problem(
        problems, WITHIN, lambda: parse_duration(filled.within) if filled.within else None
    )
    when = (
        None
        if zone is None
        else _collect_problem(problems, WHEN, lambda: validate_rule(_parse_schedule(filled), now=now))
    )
    if zone is None or when is None:
        return ValidatedTimetableForm(None, (), problems)
    until = None
    if filled.last_day is not None:
        until = datetime.combine(filled.last_day, time.max, zone)
    starts = [
        one
        for one in islice(iter_occurrences(when, zone, after=now), _SHOWN_STARTS)
        if until is None or one <= until
    ]
    if not starts and not isinstance(when, AfterCooldown):
        problems[WHEN] = "no start lies in the future, so nothing would be started"
    if problems:
        return ValidatedTimetableForm(None, starts, problems, when)
    body = TimetableRequest(
        name=filled.name,
        **{wanted.field: wanted.request},
        when=when,
        timezone=filled.zone,
        missed=filled.missed,
        until=until,
        begin_within_s=None if within is None else within.total_seconds(),
    )
    return ValidatedTimetableForm(body, starts, {}, when)


def _parse_schedule(filled: TimetableFormValues) -> When:
    """Return the times of the starts; raise InvalidInputError if they are invalid."""
    try:
        match filled.kind:
            case "once":
                if filled.day is None or filled.at is None:
                    raise InvalidInputError("select a day and a time")
                return Moment(at=datetime.combine(filled.day, filled.at, get_zone(filled.zone)))
            case "daily" | "weekly":
                if filled.at is None:
                    raise InvalidInputError("select a time")
                if filled.kind == "weekly" and not filled.days:
                    raise InvalidInputError("select a day of the week")
                days = ",".join(one for one in WEEKDAYS if one in filled.days) or "*"
                return Cron(expression=f"{filled.at.minute} {filled.at.hour} * * {days}")
            case "every":
                return Interval(every_s=parse_duration(filled.every).total_seconds())
            case "cron":
                return Cron(expression=filled.cron)
            case "cooldown":
                return AfterCooldown()
            case _:
                assert_never(filled.kind)
    except ValidationError as error:
        raise InvalidInputError(find_first_error(error)[1]) from error


def _collect_problem(problems: dict[str, str], name: str, make: Callable[[], T]) -> T | None:
    """Return the result of a function, or None if it raises, with the error added to the problems."""
    try:
        return make()
    except InvalidInputError as error:
        problems[name] = str(error)
        return None
