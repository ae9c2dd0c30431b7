"""Events of a project: filter, pages, and positions of listeners."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.models.event_kinds import MOST_KINDS, list_event_kinds
from qdash_core.models.pages import Page, make_cursor
from qdash_core.models.project import ProjectRole
from qdash_core.parsing.wildcards import match_names
from qdash_core.repositories.executions import EventRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.store import Range

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from qdash_core.models.access import Access
    from qdash_core.models.execution import EventModel
    from qdash_core.models.pages import PageRequest
    from qdash_core.repositories.store import Store


_AT_ONCE, _LOOKS = 1000, 20
"""Number of events in one read, and maximum number of reads for one page."""
_LONGEST_TRANSACTION = timedelta(minutes=1)
"""Maximum time between the creation of an event and its commit."""


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Filter for the events of a project. None matches any.

    The time of the events is from `since`, inclusive, to `until`, exclusive.
    """

    chip_id: str | None = None
    execution_id: str | None = None
    kinds: frozenset[str] | None = None
    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def create(
        cls,
        *,
        chip_id: str | None = None,
        execution_id: str | None = None,
        kinds: Collection[str] = (),
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> EventFilter:
        """Return the filter for kinds, in which `*` is a wildcard; without kinds, every kind matches.

        Raises
        ------
        InvalidInputError
            If a kind is unknown, there are too many, or the time range is empty.
        """
        Range.from_period(since, until)
        if len(kinds) > MOST_KINDS:
            raise InvalidInputError(f"{len(kinds)} kinds of events are too many; {MOST_KINDS} are possible")
        found = [_match_kinds(kind) for kind in kinds]
        return cls(chip_id, execution_id, frozenset().union(*found) if found else None, since, until)

    def matches(self, event: EventModel) -> bool:
        """Return whether an event passes the filter."""
        return (
            (self.chip_id is None or event.chip_id == self.chip_id)
            and (self.execution_id is None or event.execution_id == self.execution_id)
            and (self.kinds is None or event.kind in self.kinds)
            and (self.since is None or event.created_at >= self.since)
            and (self.until is None or event.created_at < self.until)
        )


@dataclass(frozen=True, slots=True)
class EventPosition:
    """Position in the numbered events of a project, from which a listener continues.

    `seq` is the number of the last event before it. `gap` tells whether earlier events may be missing: they are older
    than the oldest stored event, or belong to another store.
    """

    seq: int
    gap: bool = False


class EventService:
    """Service for the events of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def page(
        self, access: Access, request: PageRequest, wanted: EventFilter | None = None
    ) -> Page[EventModel]:
        """Return a page of the events of a project, newest first.

        With a filter for rare events a page may be short or empty although it has a `next`.

        Raises
        ------
        InvalidInputError
            If the cursor belongs to another list.
        """
        access.require(ProjectRole.VIEWER)
        wanted = wanted or EventFilter()
        place = request.place(1)
        seq = _get_seq(place) if place else None
        at_once = request.limit + 1 if wanted == EventFilter() else _AT_ONCE
        found: list[EventModel] = []
        with self._store.read() as snapshot:
            events = Repositories(snapshot).of(EventRepository)
            above = find_seq_before(events, access.project_id, wanted.since) if wanted.since else 0
            if wanted.until and seq is None:
                seq = find_seq_after(events, access.project_id, wanted.until) + 1
            for _ in range(_LOOKS):
                looked_at = events.list_before(access.project_id, seq, above=above, limit=at_once)
                found += [event for event in looked_at if wanted.matches(event)]
                if len(found) > request.limit or len(looked_at) < at_once:
                    return Page.from_items(found[: request.limit + 1], request, lambda event: (event.seq,))
                seq = looked_at[-1].seq
        return Page(found, make_cursor((seq,)))

    def get_position(self, access: Access, after: int | None) -> EventPosition:
        """Return the position after the event `after`, or for None the position before the next event.

        If that event is no longer stored, events between it and the oldest stored one may be missing: `gap`.
        """
        access.require(ProjectRole.VIEWER)
        with self._store.read() as snapshot:
            events = Repositories(snapshot).of(EventRepository)
            newest = events.get_last_seq(access.project_id)
            if after is None:
                return EventPosition(newest)
            if after > newest:
                return EventPosition(newest, gap=True)
            oldest = events.get_first_seq(access.project_id)
            return EventPosition(after, gap=after > 0 and oldest is not None and after < oldest)

    def list_since(self, access: Access, seq: int, *, limit: int) -> list[EventModel]:
        """Return the events after event number `seq`, in order."""
        access.require(ProjectRole.VIEWER)
        return Repositories(self._store).of(EventRepository).list_since(access.project_id, seq, limit=limit)


def _get_seq(place: tuple[object, ...]) -> int:
    (seq,) = place
    if not isinstance(seq, int):
        raise InvalidInputError(
            "after is not the `next` of a page of events: leave it out for the first page"
        )
    return seq


def _match_kinds(kind: str) -> list[str]:
    known = list_event_kinds()
    found = match_names(kind, known)
    if not found:
        raise InvalidInputError(f"{kind!r} is not a kind of event; known are {', '.join(known)}")
    return found


def find_seq_before(events: EventRepository, project_id: str, moment: datetime) -> int:
    """Return a number such that all events created after a time have higher ones, and few others."""
    return _find_seq(events, project_id, moment - _LONGEST_TRANSACTION)


def find_seq_after(events: EventRepository, project_id: str, moment: datetime) -> int:
    """Return a number such that all events created before a time have lower or equal ones, and few others."""
    return _find_seq(events, project_id, moment + _LONGEST_TRANSACTION)


def _find_seq(events: EventRepository, project_id: str, moment: datetime) -> int:
    """Return the number of the last event before the first one that was created after a time."""
    least, most = 0, events.get_last_seq(project_id)
    while least < most:  # numbers follow commits, and times the starts of transactions: nearly the same order
        middle = (least + most) // 2
        found = events.list_since(project_id, middle, limit=1)
        if found and found[0].created_at <= moment:
            least = found[0].seq
        else:
            most = middle
    return least
