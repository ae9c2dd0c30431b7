"""Request bodies and time ranges for notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypedDict

from pydantic import Field

from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.scopes import OpenRange
from qdash_builtin.notes.timeline import NoteFilter
from qdash_builtin.request_parts.given_time import GivenTime
from qdash_builtin.request_parts.option_forms import CooldownId, Since, Until
from qdash_core.errors import InvalidInputError
from qdash_core.models.base import LONGEST_NOTE
from qdash_core.operations.bodies import Body, Filter
from qdash_core.operations.command import OnCommandLine

if TYPE_CHECKING:
    from datetime import datetime

_WRITTEN_SINCE = OnCommandLine(name="since", help="Only those written at this time or later.")
_WRITTEN_UNTIL = OnCommandLine(name="until", help="Only those written before this time.")


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
    since: Annotated[Since, OnCommandLine(name="from", help="Start of a time range.")] = None
    until: Annotated[Until, OnCommandLine(name="to", help="End of the time range.")] = None

    def get_range(self) -> NotePeriod:
        """Return the cool-down and the time range."""
        given = None if self.since is None and self.until is None else (self.since, self.until)
        return NotePeriod(cooldown_id=self.cooldown_id, time_range=given)


class EditRange(Filter):
    """Time range of edits, which may be open."""

    since: Annotated[
        GivenTime | None, Field(description="Time of the earliest edit; inclusive."), _WRITTEN_SINCE
    ] = None
    until: Annotated[
        GivenTime | None, Field(description="Time of the latest edit; exclusive."), _WRITTEN_UNTIL
    ] = None

    def get_range(self) -> OpenRange:
        """Return start and end."""
        return self.since, self.until


class TimelineFilter(EditRange):
    """Filters of the edits of notes in a project."""

    q: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=200,
            description="Words that the text of the note contains, in any order.",
        ),
        OnCommandLine(name="words", metavar="TEXT"),
    ] = None
    chip_id: Annotated[
        str | None, Field(max_length=128, description="Only notes on this chip, its parts and results.")
    ] = None
    scope: Annotated[
        list[NoteScope] | None,
        Field(max_length=len(NoteScope), description="Only notes on such objects."),
        OnCommandLine(name="on", metavar="KIND", help="Only notes on such objects: qubit, chip, .."),
    ] = None
    target_id: Annotated[
        str | None,
        Field(min_length=1, max_length=128, description="Only notes on this object, or on results of it."),
        OnCommandLine(metavar="ID"),
    ] = None
    actor: Annotated[
        str | None,
        Field(min_length=1, max_length=64, description="Only texts by this user."),
        OnCommandLine(name="by", metavar="NAME"),
    ] = None
    current: Annotated[
        bool,
        Field(description="True: only texts that are still the note, none that was replaced or cleared."),
        OnCommandLine(is_hidden=True),
    ] = False

    def make_filter(self) -> NoteFilter:
        """Return the filter of the note service."""
        return NoteFilter(
            chip_id=self.chip_id,
            scopes=self.scope or (),
            target_id=self.target_id,
            author=self.actor,
            text=self.q,
            time_range=self.get_range(),
            current=self.current,
        )


class WrittenRange(Filter):
    """Time range of the last edit of notes, which may be open."""

    written_since: Annotated[
        GivenTime | None,
        Field(description="Only notes last edited at this time or later."),
        _WRITTEN_SINCE,
    ] = None
    written_until: Annotated[
        GivenTime | None, Field(description="Only notes last edited before this time."), _WRITTEN_UNTIL
    ] = None

    def get_range(self) -> OpenRange:
        """Return start and end."""
        return self.written_since, self.written_until
