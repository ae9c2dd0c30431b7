"""Request bodies and time ranges for notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypedDict

from fastapi import Depends, Query
from pydantic import ConfigDict, Field

from qdash_api.requests.body import Body
from qdash_core.errors import InvalidInputError
from qdash_core.models.base import LONGEST_NOTE, GivenTime
from qdash_core.notes.scopes import OpenRange

if TYPE_CHECKING:
    from datetime import datetime

CooldownId = Annotated[str | None, Query(max_length=128, description="Id of a cool-down.")]
Since = Annotated[GivenTime | None, Query(description="Start of a time range, with a time zone; inclusive.")]
Until = Annotated[GivenTime | None, Query(description="End of a time range, with a time zone; exclusive.")]


class NoteRequest(Body):
    """Request to write a note; an empty text clears it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"content": "replaced in April"}]})

    content: Annotated[str, Field(max_length=LONGEST_NOTE)]


class MetricNotePeriod(TypedDict):
    """Cool-down or time range of a note on a metric, as keywords of the note service."""

    cooldown_id: str | None
    time_range: tuple[datetime, datetime] | None


async def _read_period(
    cooldown_id: CooldownId = None, since: Since = None, until: Until = None
) -> MetricNotePeriod:
    if since is None or until is None:
        if since is not until:
            raise InvalidInputError("a time range needs a start and an end: give both since and until")
        return MetricNotePeriod(cooldown_id=cooldown_id, time_range=None)
    return MetricNotePeriod(cooldown_id=cooldown_id, time_range=(since, until))


Period = Annotated[MetricNotePeriod, Depends(_read_period)]
"""Cool-down or complete time range; neither: the present."""


class NotePeriod(TypedDict):
    """Cool-down or time range of a list of notes, as keywords of the note service."""

    cooldown_id: str | None
    time_range: OpenRange | None


async def _read_list_period(
    cooldown_id: CooldownId = None, since: Since = None, until: Until = None
) -> NotePeriod:
    given = None if since is None and until is None else (since, until)
    return NotePeriod(cooldown_id=cooldown_id, time_range=given)


ListPeriod = Annotated[NotePeriod, Depends(_read_list_period)]
"""Cool-down, or time range that may be open; neither: the present."""


async def _read_edit_range(
    since: Annotated[GivenTime | None, Query(description="Time of the earliest edit; inclusive.")] = None,
    until: Annotated[GivenTime | None, Query(description="Time of the latest edit; exclusive.")] = None,
) -> OpenRange:
    return since, until


EditRange = Annotated[OpenRange, Depends(_read_edit_range)]
"""Time range of edits, which may be open."""


async def _read_written_range(
    written_since: Annotated[
        GivenTime | None, Query(description="Only notes last edited at this time or later.")
    ] = None,
    written_until: Annotated[
        GivenTime | None, Query(description="Only notes last edited before this time.")
    ] = None,
) -> OpenRange:
    return written_since, written_until


WrittenRange = Annotated[OpenRange, Depends(_read_written_range)]
"""Time range of the last edit of notes, which may be open."""
