"""What is asked of timetables."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from qdash_api.requests.body import Body
from qdash_api.requests.moments import Moment
from qdash_core.models.request import RunRequest
from qdash_core.models.timetable import LARGEST_INTERVAL_S, Missed, When

_Zone = Annotated[str, Field(min_length=1, max_length=64)]
_Within = Annotated[float, Field(gt=0, le=LARGEST_INTERVAL_S, allow_inf_nan=False)]
_NULLABLE = frozenset({"until", "begin_within_s"})


class TimetableRequest(Body):
    """A timetable that is to be made."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "nightly",
                    "request": {"chip_id": "a", "flow": "check", "tags": ["night"]},
                    "when": {"kind": "cron", "expression": "0 2 * * *"},
                    "timezone": "Asia/Tokyo",
                    "missed": "once",
                    "begin_within_s": 7200.0,
                }
            ]
        }
    )

    name: Annotated[str, Field(min_length=1, max_length=64)]
    request: RunRequest
    """What is run. A saved flow without a version: each start takes the newest."""
    when: When
    timezone: _Zone | None = None
    """Name of the zone of a cron expression; absent: the zone of the host's home."""
    paused: bool = False
    missed: Missed = "skip"
    """What becomes of moments at which nobody looked: nothing is started for them, or one run for all of them."""
    until: Moment | None = None
    """After it nothing is started; absent: it goes on."""
    begin_within_s: _Within | None = None
    """A start that has not begun so many seconds after its moment is not begun any more; absent: it waits."""


class TimetableEdit(Body):
    """What is to be changed of a timetable; what is absent stays. Null takes `until` or `begin_within_s` away."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"paused": True}, {"when": {"kind": "interval", "every_s": 21_600.0}}]
        }
    )

    request: RunRequest | None = None
    when: When | None = None
    timezone: _Zone | None = None
    paused: bool | None = None
    missed: Missed | None = None
    until: Moment | None = None
    begin_within_s: _Within | None = None

    def given(self) -> dict[str, Any]:
        """Return what is there, by name."""
        return {
            name: value
            for name, value in self
            if name in self.model_fields_set and (value is not None or name in _NULLABLE)
        }
