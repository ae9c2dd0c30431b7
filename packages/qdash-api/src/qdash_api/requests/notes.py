"""Request bodies for notes and tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypedDict

from fastapi import Depends, Query
from pydantic import ConfigDict, Field

from qdash_api.requests.body import Body
from qdash_api.requests.timestamps import Timestamp
from qdash_core.errors import InvalidInputError
from qdash_core.models.base import LONGEST_NOTE

if TYPE_CHECKING:
    from datetime import datetime

CooldownId = Annotated[str | None, Query(max_length=128, description="Id of a cool-down.")]
Since = Annotated[Timestamp | None, Query(description="Start of a time range, with a time zone; inclusive.")]
Until = Annotated[Timestamp | None, Query(description="End of a time range, with a time zone; exclusive.")]


class NoteRequest(Body):
    """Text of a note; empty: the note is cleared."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"content": "replaced in April"}]})

    content: Annotated[str, Field(max_length=LONGEST_NOTE)]


class TagRequest(Body):
    """Tag to be added."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "nightly"}]})

    name: Annotated[str, Field(min_length=1, max_length=64)]


class MetricNotePeriod(TypedDict):
    """Cool-down or time range of notes on metrics, as keywords of the note service."""

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
