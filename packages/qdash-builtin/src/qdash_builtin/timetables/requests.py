"""Request bodies for timetables."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from qdash_builtin.request_parts.given_time import GivenTime
from qdash_builtin.timetables.models.timetable import (
    LARGEST_INTERVAL_S,
    ActivityFields,
    Missed,
    TimetableActivity,
    When,
)
from qdash_core.operations.bodies import Body

_Zone = Annotated[str, Field(min_length=1, max_length=64)]
_Within = Annotated[float, Field(gt=0, le=LARGEST_INTERVAL_S, allow_inf_nan=False)]
_NULLABLE = frozenset({"until", "begin_within_s"})


class TimetableRequest(TimetableActivity, Body):
    """Request to create a timetable, with the request of one activity."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    when: When
    timezone: _Zone | None = None
    """Time zone of a cron expression and of the start of a digest; absent: that of the host's home."""
    paused: bool = False
    missed: Missed = "skip"
    """Policy for missed times: nothing, or one start for all of them."""
    until: GivenTime | None = None
    """Last time of a start; absent: no limit."""
    begin_within_s: _Within | None = None
    """Maximum delay of a start, in seconds; later the run is dropped; absent: it waits without limit."""


class TimetableEdit(ActivityFields, Body):
    """Changes of a timetable; absent fields are unchanged, null clears `until` or `begin_within_s`. A timetable keeps the kind of its activity."""

    when: When | None = None
    timezone: _Zone | None = None
    paused: bool | None = None
    missed: Missed | None = None
    until: GivenTime | None = None
    begin_within_s: _Within | None = None

    def get_given_fields(self) -> dict[str, Any]:
        """Return the fields that are present, by name."""
        return {
            name: value
            for name, value in self
            if name in self.model_fields_set and (value is not None or name in _NULLABLE)
        }
