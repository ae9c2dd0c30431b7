"""What somebody filled into the form of a timetable, checked as the host checks it, and what is asked of the host then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Literal, TypeVar, assert_never

from pydantic import ValidationError

from qdash_client.generated.models.timetable_request import TimetableRequest
from qdash_core.errors import InvalidInputError
from qdash_core.models.complaints import first_complaint
from qdash_core.models.times import parse_duration
from qdash_core.models.timetable import Cron, Interval, Moment
from qdash_core.timetables.calendar import checked_when, moments, zone_named

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from qdash_core.models.request import RunRequest
    from qdash_core.models.timetable import Missed, When

T = TypeVar("T")
Kind = Literal["once", "every", "cron"]

NAME, WHEN, ZONE, WITHIN = "name", "when", "zone", "within"
"""Names of the fields beside which problems are told."""
_FIRST = 3


@dataclass(frozen=True, slots=True)
class Timed:
    """What stands in the form.

    Parameters
    ----------
    name : str
        Of the timetable.
    kind : str
        Whether it starts once, at equal distances, or as a line of cron has it.
    zone : str
        Name of the zone of all times.
    day, at : date and time, or None
        Of a single start.
    every, cron : str
        As typed: `6h`, and `0 2 * * *`.
    missed : str
        What becomes of moments at which nobody looked.
    within : str
        As typed, in which time a start has to begin: `2h`; empty: it waits.
    last_day : date or None
        On which something is started; None: there is no last one.
    """

    name: str
    kind: Kind
    zone: str
    day: date | None = None
    at: time | None = None
    every: str = ""
    cron: str = ""
    missed: Missed = "skip"
    within: str = ""
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class CheckedTimetable:
    """A form that was checked: what is asked of the host and the first starts in UTC, or what is wrong by the name of the field."""

    body: TimetableRequest | None
    starts: Sequence[datetime]
    problems: Mapping[str, str]


def checked_timetable(filled: Timed, request: RunRequest, now: datetime) -> CheckedTimetable:
    """Return what a form asks of the host, or what is wrong with which field: the rules are those of the host."""
    problems: dict[str, str] = {}
    if not filled.name:
        problems[NAME] = "give it a name, by which it is paused, changed and removed"
    zone = _tried(problems, ZONE, partial(zone_named, filled.zone))
    within = _tried(problems, WITHIN, lambda: parse_duration(filled.within) if filled.within else None)
    when = None if zone is None else _tried(problems, WHEN, lambda: checked_when(_when(filled), now=now))
    if zone is None or when is None:
        return CheckedTimetable(None, (), problems)
    until = None
    if filled.last_day is not None:
        until = datetime.combine(filled.last_day, time.max, zone)
    starts = [one for one in islice(moments(when, zone, after=now), _FIRST) if until is None or one <= until]
    if not starts:
        problems[WHEN] = "no such moment is left: nothing would ever be started"
    if problems:
        return CheckedTimetable(None, (), problems)
    body = TimetableRequest(
        name=filled.name,
        request=request,
        when=when,
        timezone=filled.zone,
        missed=filled.missed,
        until=until,
        begin_within_s=None if within is None else within.total_seconds(),
    )
    return CheckedTimetable(body, starts, {})


def _when(filled: Timed) -> When:
    """Return when it starts something; InvalidInputError, in words, where that cannot be."""
    try:
        match filled.kind:
            case "once":
                if filled.day is None or filled.at is None:
                    raise InvalidInputError("choose a day and a time of day")
                return Moment(at=datetime.combine(filled.day, filled.at, zone_named(filled.zone)))
            case "every":
                return Interval(every_s=parse_duration(filled.every).total_seconds())
            case "cron":
                return Cron(expression=filled.cron)
            case _:
                assert_never(filled.kind)
    except ValidationError as error:
        raise InvalidInputError(first_complaint(error)[1]) from error


def _tried(problems: dict[str, str], name: str, make: Callable[[], T]) -> T | None:
    """Return what is made; None where that is refused, with the reason among the problems."""
    try:
        return make()
    except InvalidInputError as error:
        problems[name] = str(error)
        return None
