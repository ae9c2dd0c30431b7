"""Parsing of times on the command line: a time, a cool-down or a range."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, TypedDict

import click

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from zoneinfo import ZoneInfo


def parse_time_option(
    text: str, zone: ZoneInfo, *, option: str, ahead: bool = False, now: datetime | None = None
) -> datetime:
    """Return the time in an option, in UTC; raise InvalidInputError, with the option's name, if invalid.

    A duration is relative to `now`, by default the time of the home.
    """
    from qdash_core.models.times import parse_moment
    from qdash_core.process.clock import utc_now

    try:
        return parse_moment(text, zone, now=now or utc_now(), ahead=ahead)
    except InvalidInputError as error:
        raise InvalidInputError(f"{option}: {error}") from None


def parse_optional_time(
    text: str | None, zone: ZoneInfo, *, option: str, now: datetime | None = None
) -> datetime | None:
    """Return the time in an option, see `parse_time_option`, or None if the option is missing."""
    return None if text is None else parse_time_option(text, zone, option=option, now=now)


class PeriodArguments(TypedDict):
    """Cool-down or time range, as services take it."""

    cooldown_id: str | None
    time_range: tuple[datetime, datetime] | None


@dataclass(frozen=True, slots=True)
class PeriodOptions:
    """Options for a cool-down or a time range, unparsed."""

    cooldown_id: str | None = None
    begin: str | None = None
    end: str | None = None

    def __bool__(self) -> bool:
        return self != PeriodOptions()

    def parse_period(self, zone: ZoneInfo) -> PeriodArguments:
        """Return the arguments for services; raise InvalidInputError if a time is invalid or missing."""
        if (self.begin is None) is not (self.end is None):
            raise InvalidInputError("use --from TIME and --to TIME together")
        if self.begin is None or self.end is None:
            return {"cooldown_id": self.cooldown_id, "time_range": None}
        times = (
            parse_time_option(self.begin, zone, option="--from"),
            parse_time_option(self.end, zone, option="--to"),
        )
        return {"cooldown_id": self.cooldown_id, "time_range": times}


def period_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options `--cooldown`, `--from` and `--to` to a command, passed as one argument `period_options`."""

    @wraps(command)
    def in_period(*args: Any, cooldown: str | None, begin: str | None, end: str | None, **rest: Any) -> Any:
        return command(*args, period=PeriodOptions(cooldown, begin, end), **rest)

    of_cooldown = click.option("--cooldown", metavar="ID", help="Cool-down; default: the chip's current one.")
    begins = click.option("--from", "begin", metavar="TIME", help="Start of a time range.")
    ends = click.option("--to", "end", metavar="TIME", help="End of the time range.")
    return of_cooldown(begins(ends(in_period)))


@dataclass(frozen=True, slots=True)
class EditTimeOptions:
    """Options for the time of edits, unparsed."""

    since: str | None = None
    until: str | None = None

    def __bool__(self) -> bool:
        return self != EditTimeOptions()

    def parse(self, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
        """Return the time range; raise InvalidInputError if a time is invalid."""
        return (
            parse_optional_time(self.since, zone, option="--since"),
            parse_optional_time(self.until, zone, option="--until"),
        )


def edit_time_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options `--since` and `--until` to a command, passed as one argument `edited`."""

    @wraps(command)
    def edited_in(*args: Any, since: str | None, until: str | None, **rest: Any) -> Any:
        return command(*args, edited=EditTimeOptions(since, until), **rest)

    since = click.option("--since", metavar="TIME", help="Only those written at this time or later.")
    until = click.option("--until", metavar="TIME", help="Only those written before this time.")
    return since(until(edited_in))
