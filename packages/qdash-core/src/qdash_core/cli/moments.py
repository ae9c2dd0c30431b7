"""Times as they are written on the command line: a moment, a cool-down or a range."""

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


def moment_of(text: str, zone: ZoneInfo, *, option: str, ahead: bool = False) -> datetime:
    """Return the moment that an option names, in UTC, `ahead` as in `parse_moment`; InvalidInputError, naming the option, when it is none."""
    from qdash_core.models.base import utc_now
    from qdash_core.models.times import parse_moment

    try:
        return parse_moment(text, zone, now=utc_now(), ahead=ahead)
    except InvalidInputError as error:
        raise InvalidInputError(f"{option}: {error}") from None


def moment_if_given(text: str | None, zone: ZoneInfo, *, option: str) -> datetime | None:
    """Return the moment that an option names, see `moment_of`, or None where it is not given."""
    return None if text is None else moment_of(text, zone, option=option)


class When(TypedDict):
    """A cool-down or a range of time, as services take them."""

    cooldown_id: str | None
    time_range: tuple[datetime, datetime] | None


@dataclass(frozen=True, slots=True)
class PeriodOptions:
    """The options that name a cool-down or a range of time, as they were written.

    Parameters
    ----------
    cooldown_id : str or None
        The cool-down.
    begin, end : str or None
        The range.
    """

    cooldown_id: str | None = None
    begin: str | None = None
    end: str | None = None

    def __bool__(self) -> bool:
        return self != PeriodOptions()

    def when(self, zone: ZoneInfo) -> When:
        """Return what services take; InvalidInputError when a time is none, or only one of two is given."""
        if (self.begin is None) is not (self.end is None):
            raise InvalidInputError("--from TIME and --to TIME: both, or neither")
        if self.begin is None or self.end is None:
            return {"cooldown_id": self.cooldown_id, "time_range": None}
        times = (moment_of(self.begin, zone, option="--from"), moment_of(self.end, zone, option="--to"))
        return {"cooldown_id": self.cooldown_id, "time_range": times}


def period(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options `--cooldown`, `--from` and `--to`, as one argument `period`."""

    @wraps(command)
    def in_period(*args: Any, cooldown: str | None, begin: str | None, end: str | None, **rest: Any) -> Any:
        return command(*args, period=PeriodOptions(cooldown, begin, end), **rest)

    of_cooldown = click.option(
        "--cooldown", metavar="ID", help="In this cool-down; by default in that which the chip is in."
    )
    begins = click.option("--from", "begin", metavar="TIME", help="In a range of time, which begins here.")
    ends = click.option("--to", "end", metavar="TIME", help="Its end.")
    return of_cooldown(begins(ends(in_period)))
