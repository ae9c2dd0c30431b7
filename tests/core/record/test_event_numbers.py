"""Events since a time are found although their numbers follow commits, and their times the starts of transactions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from qdash_core.models.execution import EventModel
from qdash_core.record.events import find_seq_after, find_seq_before
from qdash_core.repositories.executions import EventRepository
from qdash_core.repositories.memory import MemoryStore
from qdash_core.repositories.repositories import Repositories

START = datetime(2026, 4, 1, tzinfo=UTC)
LONGEST_S = 60
"""Longest time between the creation of an event and its commit."""

committed = st.tuples(st.sampled_from(["ours", "theirs"]), st.integers(0, 20), st.integers(0, LONGEST_S))
"""Project of an event, time since the commit before it, and time between its creation and its commit, in seconds."""


@given(st.lists(committed, min_size=20, max_size=40), st.integers(0, 39), st.integers(-LONGEST_S, LONGEST_S))
def test_events_after_a_time_have_numbers_above_one_and_those_before_it_numbers_up_to_another(
    written: list[tuple[str, int, int]], number: int, later_s: int
) -> None:
    events = Repositories(MemoryStore.open("memory://")).of(EventRepository)
    now = START
    for project_id, pause_s, delay_s in written:
        now += timedelta(seconds=pause_s)
        created_at = now - timedelta(seconds=delay_s)
        events.append(EventModel(project_id=project_id, kind="task.completed", created_at=created_at))
    moment = START + timedelta(seconds=later_s + sum(pause_s for _, pause_s, _ in written[:number]))
    for project_id in ("ours", "theirs"):
        stored = events.list_since(project_id, 0)
        assert len(stored) == sum(one[0] == project_id for one in written)
        above, most = (find(events, project_id, moment) for find in (find_seq_before, find_seq_after))
        assert all(one.seq > above for one in stored if one.created_at > moment)
        assert all(one.seq <= most for one in stored if one.created_at < moment)
