"""Options for the start times of a timetable."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

from qdash_cli.period_options import parse_time_option
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_builtin.timetables.models.timetable import When

T = TypeVar("T")

_NONE = "none"
START_OPTIONS = "--cron, --every, --at and --after-cooldown"
"""Options of start times."""


@dataclass(frozen=True, slots=True)
class TimeOptions:
    """Options of a timetable, unparsed; None if not given. At most one of the start times is given."""

    cron: str | None
    every: str | None
    at: str | None
    after_cooldown: bool | None
    timezone: str | None
    missed: str | None
    until: str | None
    begin_within: str | None

    def collect_fields(self, zone: ZoneInfo) -> dict[str, Any]:
        """Return the given fields of a timetable; `zone` applies to times that name no time zone."""
        from qdash_builtin.timetables.calendar import get_zone

        found: dict[str, Any] = {}
        if self.timezone is not None:
            zone = get_zone(self.timezone)
            found["timezone"] = self.timezone
        if (when := self._get_start_times(zone)) is not None:
            found["when"] = when
        if self.missed is not None:
            found["missed"] = self.missed
        if self.until is not None:
            found["until"] = (
                None if self.until == _NONE else _parse_coming_time(self.until, zone, option="--until")
            )
        if self.begin_within is not None:
            requested = self.begin_within
            found["begin_within_s"] = (
                None if requested == _NONE else _parse_seconds(requested, option="--begin-within")
            )
        return found

    def _get_start_times(self, zone: ZoneInfo) -> When | None:
        from qdash_builtin.timetables.models.timetable import AfterCooldown, Cron, Interval, Moment

        if sum(one is not None for one in (self.cron, self.every, self.at, self.after_cooldown)) > 1:
            raise InvalidInputError(f"use one of {START_OPTIONS}")
        if self.after_cooldown:
            return AfterCooldown()
        if self.cron is not None:
            return _check_value(lambda expression: Cron(expression=expression), self.cron, option="--cron")
        if self.every is not None:
            every_s = _parse_seconds(self.every, option="--every")
            return _check_value(lambda seconds: Interval(every_s=seconds), every_s, option="--every")
        return None if self.at is None else Moment(at=_parse_coming_time(self.at, zone, option="--at"))


def _parse_coming_time(text: str, zone: ZoneInfo, *, option: str) -> datetime:
    return parse_time_option(text, zone, option=option, ahead=True)


def _check_value(make: Callable[[T], When], value: T, *, option: str) -> When:
    """Return the schedule made from a value; raise InvalidInputError, with the option's name, if invalid."""
    from pydantic import ValidationError

    from qdash_core.models.error_messages import find_first_error

    try:
        return make(value)
    except ValidationError as error:
        raise InvalidInputError(f"{option}: {find_first_error(error)[1]}") from None


def _parse_seconds(text: str, *, option: str) -> float:
    from qdash_core.models.times import parse_duration

    try:
        return parse_duration(text).total_seconds()
    except InvalidInputError as error:
        raise InvalidInputError(f"{option}: {error}") from None


_OPTIONS = (
    click.option(
        "--cron",
        metavar="'0 2 * * *'",
        help="Start at times of day, as a cron expression: minute, hour, day, month, day of the week.",
    ),
    click.option("--every", metavar="6h", help="Start at intervals from now on, at least a minute."),
    click.option(
        "--at",
        metavar="TIME",
        help="Start once, at a time such as 2026-11-22T02:00 or after a duration such as 2h.",
    ),
    click.option(
        "--after-cooldown",
        is_flag=True,
        default=None,
        help="Start after each cool-down of the chip, once it is at base temperature (`qdash cooldown cold`).",
    ),
    click.option("--timezone", metavar="ZONE", help="Time zone; default: that of the home."),
    click.option(
        "--missed",
        type=click.Choice(["skip", "once"]),
        help="Action for starts that were missed without a worker: skip them (default), or start one run for all.",
    ),
    click.option("--until", metavar="TIME", help="Last time of a start; `none` removes it."),
    click.option(
        "--begin-within",
        metavar="2h",
        help="Longest wait of a run for its chip, after which it does not start; `none` removes it.",
    ),
)


def time_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of the start times to a command, passed as one argument `time`."""

    @wraps(command)
    def with_time(*args: Any, **given: Any) -> Any:
        time = TimeOptions(**{name: given.pop(name) for name in TimeOptions.__slots__})
        return command(*args, time=time, **given)

    for option in reversed(_OPTIONS):
        with_time = option(with_time)
    return with_time
