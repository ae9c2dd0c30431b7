"""Registration of processes that perform runs, and detection of their end."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_core.locks.presence import LiveProcesses, ProcessRegistration
from qdash_core.models.queue import PresenceModel
from qdash_core.repositories.queue import PresenceRepository
from qdash_core.repositories.repositories import Repositories

from ..forked_programs import run_forked

if TYPE_CHECKING:
    from qdash_core.repositories.store import Store

    from ..clock import Clock

pytestmark = pytest.mark.every_store

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)


def make_foreign_registration(**changes: Any) -> PresenceModel:
    """Return the registration of a process on another host, written now."""
    row = {
        "owner": "somebody", "kind": "worker", "host": "elsewhere", "pid": 1, "process_start": 1.0,
        "acquired_at": NOW, "expires_at": NOW + timedelta(seconds=30), "ttl_s": 30.0,
    }  # fmt: skip
    return PresenceModel(**{**row, **changes})


class Watch:
    """A monotonic clock for tests, independent of changes of the wall clock."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


def list_registrations(store: Store) -> list[PresenceModel]:
    return Repositories(store).of(PresenceRepository).list_all()


def test_a_process_is_there_as_long_as_the_block_lasts(store: Store, clock: Clock) -> None:
    with ProcessRegistration(store, "worker", ttl_s=30.0, username="alice", clock=clock) as presence:
        (row,) = list_registrations(store)
        assert (row.owner, row.kind, row.username) == (presence.owner, "worker", "alice")
        assert (row.pid, row.ttl_s) == (os.getpid(), 30.0)
        assert row.expires_at == clock.now + timedelta(seconds=30)
        assert LiveProcesses(clock=clock).select_live([row]) == {row.owner: row}
    assert list_registrations(store) == []


def test_a_process_is_gone_however_the_block_ends(store: Store) -> None:
    with pytest.raises(OSError, match="cable"), ProcessRegistration(store, "worker", ttl_s=30.0):
        raise OSError("cable")
    assert list_registrations(store) == []


def test_every_presence_has_a_name_of_its_own(store: Store) -> None:
    with (
        ProcessRegistration(store, "worker", ttl_s=30.0) as one,
        ProcessRegistration(store, "command", ttl_s=30.0) as other,
    ):
        assert one.owner != other.owner
        assert {row.owner: row.kind for row in list_registrations(store)} == {
            one.owner: "worker",
            other.owner: "command",
        }
    assert list_registrations(store) == []


def test_a_presence_is_renewed_and_put_back_where_it_was_taken_away(store: Store) -> None:
    """Another process may have considered it dead while this one could not reach the store."""
    from ..runs.crew import wait_until

    with ProcessRegistration(store, "worker", ttl_s=0.06) as presence:
        wait_until(lambda: [row for row in list_registrations(store) if row.renewals > 1], what="a renewal")
        Repositories(store).of(PresenceRepository).remove(presence.owner)
        wait_until(
            lambda: [row.owner for row in list_registrations(store)] == [presence.owner], what="it is back"
        )
    assert list_registrations(store) == []


def test_a_process_of_this_host_that_has_ended_is_dead_at_once(store: Store) -> None:
    code = (
        "import sys, os; from qdash_core.locks.process_heartbeats import make_process_mark as m; from datetime import *;"
        "sys.stdout.write(m('x', ttl_s=3600.0, now=datetime.now(UTC)).model_dump_json())"
    )
    written = run_forked(code)
    from qdash_core.models.process_marks import ProcessMark

    row = PresenceModel(**dict(ProcessMark.model_validate_json(written)), kind="worker")
    assert LiveProcesses().select_live([row]) == {}


def test_a_make_process_mark_that_nobody_holds_was_left_behind(store: Store) -> None:
    with ProcessRegistration(store, "worker", ttl_s=3600.0):
        (row,) = list_registrations(store)
    assert LiveProcesses().select_live([row]) == {}


def test_one_on_another_host_lives_until_its_time_is_over(clock: Clock, watch: Watch) -> None:
    processes, row = LiveProcesses(clock=clock, monotonic=watch), make_foreign_registration()
    assert processes.select_live([row]) == {"somebody": row}
    clock.forward(minutes=10)
    assert processes.select_live([row]) == {"somebody": row}, "it is watched first: the clocks may disagree"
    watch.now = 29.0
    assert processes.select_live([row]) == {"somebody": row}
    watch.now = 31.0
    assert processes.select_live([row]) == {}


def test_one_on_another_host_that_renews_lives_whatever_the_clocks_say(clock: Clock, watch: Watch) -> None:
    processes = LiveProcesses(clock=clock, monotonic=watch)
    clock.forward(hours=1)
    for renewals in range(5):
        watch.now += 29.0
        assert processes.select_live([make_foreign_registration(renewals=renewals)])
    watch.now += 31.0
    assert not processes.select_live([make_foreign_registration(renewals=4)])
