"""Request bodies and time ranges for notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypedDict

from pydantic import Field

from qdash_core.errors import InvalidInputError
from qdash_core.models.base import LONGEST_NOTE, GivenTime
from qdash_core.notes.scopes import OpenRange
from qdash_core.operations.bodies import Body, Filter
from qdash_core.operations.command import OnCommandLine

if TYPE_CHECKING:
    from datetime import datetime

CooldownId = Annotated[str | None, Field(max_length=128, description="Id of a cool-down.")]
Since = Annotated[
    GivenTime | None,
    Field(description="Start of a time range, with a time zone; inclusive."),
    OnCommandLine(help="Only those of this time or later: 2026-11-20, 2026-11-20T18:30, 24h."),
]
Until = Annotated[
    GivenTime | None,
    Field(description="End of a time range, with a time zone; exclusive."),
    OnCommandLine(help="Only those before this time."),
]


class NoteRequest(Body):
    """Request to write a note; an empty text clears it."""

    content: Annotated[str, Field(max_length=LONGEST_NOTE)]


class MetricNotePeriod(TypedDict):
    """Cool-down or time range of a note on a metric, as keywords of the note service."""

    cooldown_id: str | None
    time_range: tuple[datetime, datetime] | None


class Period(Filter):
    """Cool-down or complete time range; neither: the present."""

    cooldown_id: CooldownId = None
    since: Since = None
    until: Until = None

    def get_range(self) -> MetricNotePeriod:
        """Return the cool-down and the time range.

        Raises
        ------
        InvalidInputError
            If the time range has only a start or an end.
        """
        if self.since is None or self.until is None:
            if self.since is not self.until:
                raise InvalidInputError("a time range needs a start and an end: give both since and until")
            return MetricNotePeriod(cooldown_id=self.cooldown_id, time_range=None)
        return MetricNotePeriod(cooldown_id=self.cooldown_id, time_range=(self.since, self.until))


class NotePeriod(TypedDict):
    """Cool-down or time range of a list of notes, as keywords of the note service."""

    cooldown_id: str | None
    time_range: OpenRange | None


class ListPeriod(Filter):
    """Cool-down, or time range that may be open; neither: the present."""

    cooldown_id: CooldownId = None
    since: Since = None
    until: Until = None

    def get_range(self) -> NotePeriod:
        """Return the cool-down and the time range."""
        given = None if self.since is None and self.until is None else (self.since, self.until)
        return NotePeriod(cooldown_id=self.cooldown_id, time_range=given)


class EditRange(Filter):
    """Time range of edits, which may be open."""

    since: Annotated[GivenTime | None, Field(description="Time of the earliest edit; inclusive.")] = None
    until: Annotated[GivenTime | None, Field(description="Time of the latest edit; exclusive.")] = None

    def get_range(self) -> OpenRange:
        """Return start and end."""
        return self.since, self.until


class WrittenRange(Filter):
    """Time range of the last edit of notes, which may be open."""

    written_since: Annotated[
        GivenTime | None, Field(description="Only notes last edited at this time or later.")
    ] = None
    written_until: Annotated[
        GivenTime | None, Field(description="Only notes last edited before this time.")
    ] = None

    def get_range(self) -> OpenRange:
        """Return start and end."""
        return self.written_since, self.written_until
