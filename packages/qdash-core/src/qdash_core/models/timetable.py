"""Timetables: runs that begin by themselves, and when."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from qdash_core.models.base import Record, UtcDatetime, Value
from qdash_core.models.faults import FewFaults
from qdash_core.models.request import RunRequest

LEAST_INTERVAL_S, LARGEST_INTERVAL_S = 60.0, 366 * 86_400.0


class Cron(FewFaults, Value):
    """At times of day, as a line of cron has them."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "cron", "expression": "0 2 * * *"}]})

    kind: Literal["cron"] = "cron"
    expression: str = Field(max_length=256)
    """Minute, hour, day of the month, month, day of the week, in the zone of the timetable."""


class Interval(FewFaults, Value):
    """At equal distances in time, whatever the clocks on the wall do."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"kind": "interval", "every_s": 21_600.0, "anchor": "2026-11-21T06:00:00Z"}]
        }
    )

    kind: Literal["interval"] = "interval"
    every_s: float = Field(ge=LEAST_INTERVAL_S, le=LARGEST_INTERVAL_S, allow_inf_nan=False)
    """In seconds: a minute to a year."""
    anchor: UtcDatetime | None = None
    """The first moment; the others follow it. None: the moment at which it is asked for, which is filled in."""


class Moment(FewFaults, Value):
    """Once."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "moment", "at": "2026-11-22T01:00:00Z"}]}
    )

    kind: Literal["moment"] = "moment"
    at: UtcDatetime


When = Annotated[Cron | Interval | Moment, Field(discriminator="kind")]
Missed = Literal["skip", "once"]


class MomentOutcome(Value):
    """What became of one moment of a timetable."""

    at: UtcDatetime
    """The moment, not when it was looked at."""
    became: Literal["started", "missed", "skipped", "failed"]
    """`missed`: nobody looked in time; `skipped`: the start before had not ended; `failed`: the run was refused."""
    execution_id: str = ""
    """Of what was started; empty: nothing was."""
    why: str = ""
    """In words; empty: it began on time."""


class TimetableModel(Record):
    """A run that begins again and again, or once, by itself."""

    project_id: str
    name: str
    username: str
    """Who it acts as: the one who made it, or said last what it runs, or when. What they may do is looked up at each start."""
    request: RunRequest
    """Without who asks, and without the version of a saved flow unless one was named: each start takes the newest."""
    when: When
    timezone: str
    """Name of the zone in which a cron expression is read, and in which people see the moments."""
    paused: bool = False
    missed: Missed = "skip"
    """What becomes of moments at which nobody looked: nothing is started for them, or one run for all of them."""
    until: UtcDatetime | None = None
    """After it nothing is started. None: it goes on."""
    begin_within_s: float | None = Field(default=None, gt=0, le=LARGEST_INTERVAL_S, allow_inf_nan=False)
    """A start that has not begun so many seconds after its moment is not begun any more. None: it waits."""
    considered_until: UtcDatetime
    """The moments up to this one have been dealt with."""
    next_at: UtcDatetime | None = None
    """The first moment behind that: what is asked for to find those that are due. None: it is paused, or has none left."""
    last: MomentOutcome | None = None
    """What became of the newest moment that was dealt with, or of a start by hand."""
    execution_id: str = ""
    """The execution that it started last; empty: none yet."""
