"""What is asked of notes, and of tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypedDict

from fastapi import Depends, Query
from pydantic import ConfigDict, Field

from qdash_api.requests.body import Body
from qdash_api.requests.moments import Moment
from qdash_core.errors import InvalidInputError
from qdash_core.models.base import LONGEST_NOTE

if TYPE_CHECKING:
    from datetime import datetime

CooldownId = Annotated[str | None, Query(max_length=128, description="Id of a cool-down.")]
Since = Annotated[Moment | None, Query(description="Begin of a range of time, with a time zone; inclusive.")]
Until = Annotated[Moment | None, Query(description="End of a range of time; exclusive.")]


class NoteRequest(Body):
    """What a note is to say; empty: it is cleared."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"content": "replaced in April"}]})

    content: Annotated[str, Field(max_length=LONGEST_NOTE)]


class TagRequest(Body):
    """A tag that is to be there."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "nightly"}]})

    name: Annotated[str, Field(min_length=1, max_length=64)]


class InScope(TypedDict):
    """Of when notes on metrics are meant, as the service of notes takes it."""

    cooldown_id: str | None
    time_range: tuple[datetime, datetime] | None


async def _asked(cooldown_id: CooldownId = None, since: Since = None, until: Until = None) -> InScope:
    if since is None or until is None:
        if since is not until:
            raise InvalidInputError("a range of time has a beginning and an end: give since and until")
        return InScope(cooldown_id=cooldown_id, time_range=None)
    return InScope(cooldown_id=cooldown_id, time_range=(since, until))


Scope = Annotated[InScope, Depends(_asked)]
"""A cool-down, or a range of time with both ends; neither: now."""
