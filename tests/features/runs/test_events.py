"""Recorded events on every store: pages, and the resumption by a listener."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from qdash_core.errors import InvalidInputError
from qdash_core.models.execution import EventModel
from qdash_core.models.pages import PageRequest, make_cursor
from qdash_core.process.clock import utc_now
from qdash_core.record.events import MOST_KINDS, EventFilter, EventPosition, EventService
from qdash_core.repositories.executions import EventRepository
from qdash_core.repositories.repositories import Repositories

from ...access import ADMIN
from ...core.bench import PROJECT

if TYPE_CHECKING:
    from qdash_core.repositories.store import Store


def record_event(store: Store, *kinds: str, project_id: str = PROJECT) -> list[int]:
    events = Repositories(store).of(EventRepository)
    return [events.append(EventModel(project_id=project_id, kind=kind)) for kind in kinds]


@pytest.mark.every_store
def test_what_is_rare_is_found_among_much_else(store: Store) -> None:
    (first,) = record_event(store, "task.failed")
    with store.transaction() as transaction:
        for _ in range(1005):
            Repositories(transaction).of(EventRepository).append(
                EventModel(project_id=PROJECT, kind="task.completed")
            )
    (last,) = record_event(store, "task.failed")
    record_event(store, "task.failed", project_id="another")
    wanted = EventFilter.create(kinds=["task.f*"])
    page = EventService(store).page(ADMIN, PageRequest(1), wanted)
    assert [event.seq for event in page.items] == [last]
    rest = EventService(store).page(ADMIN, PageRequest(1, page.next), wanted)
    assert ([event.seq for event in rest.items], rest.next) == ([first], None)


@pytest.mark.every_store
def test_a_listener_goes_on_where_it_stopped_or_learns_what_it_cannot_know(store: Store) -> None:
    events = EventService(store)
    assert events.get_position(ADMIN, None) == EventPosition(0)
    old = record_event(store, "task.completed", "task.completed")
    Repositories(store).of(EventRepository).prune(PROJECT, utc_now() + timedelta(days=1))
    new = record_event(store, "task.completed", "task.failed")
    record_event(store, "task.completed", project_id="another")
    assert events.get_position(ADMIN, None) == EventPosition(new[-1])
    assert events.get_position(ADMIN, new[0]) == EventPosition(new[0])
    assert events.get_position(ADMIN, old[0]) == EventPosition(old[0], gap=True)
    assert events.get_position(ADMIN, new[-1] + 100) == EventPosition(new[-1], gap=True)
    assert [event.seq for event in events.list_since(ADMIN, new[0], limit=5)] == new[1:]


def test_what_cannot_be_asked_for_is_refused(store: Store) -> None:
    with pytest.raises(InvalidInputError, match="not a kind of event"):
        EventFilter.create(kinds=["task.exploded"])
    with pytest.raises(InvalidInputError, match="too many"):
        EventFilter.create(kinds=["task.*"] * (MOST_KINDS + 1))
    with pytest.raises(InvalidInputError, match="after"):
        EventService(store).page(ADMIN, PageRequest(1, make_cursor(("x",))))


@pytest.mark.every_store
def test_events_of_a_time_range_are_listed(store: Store) -> None:
    begin = utc_now()
    with store.transaction() as transaction:
        events = Repositories(transaction).of(EventRepository)
        for minutes in range(0, 600, 5):
            at = begin + timedelta(minutes=minutes)
            events.append(EventModel(project_id=PROJECT, kind="task.completed", created_at=at, updated_at=at))
    since, until = begin + timedelta(hours=2), begin + timedelta(hours=3)
    wanted = EventFilter.create(since=since, until=until)
    first = EventService(store).page(ADMIN, PageRequest(7), wanted)
    rest = EventService(store).page(ADMIN, PageRequest(7, first.next), wanted)
    found = [(event.created_at - begin).total_seconds() / 60 for event in (*first.items, *rest.items)]
    assert found == [*range(175, 119, -5)]
    assert rest.next is None
    with pytest.raises(InvalidInputError, match="time range is empty"):
        EventFilter.create(since=until, until=since)
