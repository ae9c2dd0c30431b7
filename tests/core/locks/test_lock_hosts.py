"""Instrument locks with an unreachable holder: on another host, with another clock, or dead."""

from __future__ import annotations

import os
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from qdash_core import LockedError
from qdash_core.locks.liveness import Liveness, assess_liveness

from .sample_locks import EXECUTION, NOW, find_lock, make_foreign_lock, make_lock, record_running, write_lock

if TYPE_CHECKING:
    from qdash_core.models.execution import ExecutionLockModel
    from qdash_core.repositories.store import Store

pytestmark = pytest.mark.every_store

HOUR = timedelta(hours=1)
SHORT_S = 0.2


class ForeignClock:
    """A holder on another host that renews its lock by its own clock for the length of the block."""

    def __init__(self, store: Store, *, clock_ahead: timedelta) -> None:
        self._store = store
        self._ended = threading.Event()
        self._lock = make_foreign_lock(
            ttl_s=SHORT_S, acquired_at=NOW + clock_ahead, expires_at=NOW + clock_ahead
        )
        self._thread = threading.Thread(target=self._renew)

    def __enter__(self) -> None:
        write_lock(self._store, self._lock)
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _renew(self) -> None:
        while not self._ended.wait(SHORT_S / 10):
            changes = {"renewals": self._lock.renewals + 1}
            self._lock = self._lock.model_copy(update=changes)
            write_lock(self._store, self._lock)


def make_own_lock(store: Store) -> ExecutionLockModel:
    """Return the lock as this process writes it."""
    holder = make_lock(store)
    holder.acquire()
    lock = find_lock(store)
    holder.release()
    assert lock is not None
    return lock


def test_a_lock_of_another_host_holds_as_long_as_it_is_said_to_live(store: Store) -> None:
    write_lock(store, make_foreign_lock())
    record_running(store)
    with pytest.raises(LockedError) as refused:
        make_lock(store, clock=lambda: NOW + timedelta(seconds=29)).acquire()
    assert str(refused.value) == (
        "chip chip of project default (instrument bench/default/chip) is in use by execution 20260101-007 of alice "
        "(process 1 on elsewhere, since 2026-01-01 00:00:00+00:00, renewed until 2026-01-01 00:00:30+00:00): see "
        "`qdash executions show 20260101-007`; wait for its end, or stop it with `qdash executions cancel "
        "20260101-007` or `qdash lock release chip --force`"
    )


def test_the_advice_for_a_part_releases_no_other_run_on_the_chip(store: Store) -> None:
    parts = ["multiplexer 0 of chip chip"]
    write_lock(store, make_foreign_lock(resources=parts))
    record_running(store)
    with pytest.raises(LockedError) as refused:
        make_lock(store, resources=frozenset(parts), clock=lambda: NOW).acquire()
    assert str(refused.value).endswith("or `qdash lock release chip --execution 20260101-007 --force`")


@pytest.mark.parametrize("ahead", [-HOUR, timedelta(0), HOUR], ids=["back", "right", "forward"])
def test_a_dead_holder_elsewhere_blocks_nobody_for_longer_than_its_lock(
    store: Store, ahead: timedelta
) -> None:
    """Its clock does not matter."""
    write_lock(store, make_foreign_lock(ttl_s=SHORT_S, expires_at=NOW + ahead - timedelta(seconds=1)))
    successor = make_lock(store, clock=lambda: NOW)
    successor.acquire()
    lock = find_lock(store)
    assert lock is not None
    assert (lock.pid, lock.owner) == (os.getpid(), successor.hold.owner)
    successor.release()


@pytest.mark.parametrize("ahead", [-HOUR, HOUR], ids=["back", "forward"])
def test_a_living_holder_elsewhere_is_not_robbed_whatever_the_clocks_say(
    store: Store, ahead: timedelta
) -> None:
    with ForeignClock(store, clock_ahead=ahead), pytest.raises(LockedError, match=f"execution {EXECUTION}"):
        make_lock(store, clock=lambda: NOW).acquire()
    left = find_lock(store)
    assert left is not None
    assert left.owner == "somebody"


def test_a_lock_that_is_given_up_while_it_is_watched_is_taken(store: Store) -> None:
    write_lock(store, make_foreign_lock(ttl_s=SHORT_S, expires_at=NOW - HOUR, chip_id="A"))
    write_lock(store, make_foreign_lock(ttl_s=SHORT_S, expires_at=NOW - HOUR, chip_id="B", owner="another"))
    successor = make_lock(store, clock=lambda: NOW, scope="project")
    successor.acquire()
    assert find_lock(store, "A") is None
    assert find_lock(store, "B") is None
    successor.release()


def test_nobody_releases_the_lock_of_another(store: Store) -> None:
    loser = make_lock(store)
    loser.acquire()
    write_lock(store, make_foreign_lock())
    loser.release()
    left = find_lock(store)
    assert left is not None
    assert left.owner == "somebody"


def test_on_this_host_the_process_decides_however_old_the_lock_is(store: Store) -> None:
    left_behind = make_own_lock(store)
    of_parent = left_behind.model_copy(update={"pid": os.getppid(), "process_start": _start_of_parent()})
    assert assess_liveness(of_parent, NOW + timedelta(days=1)) is Liveness.ALIVE

    reused = of_parent.model_copy(update={"process_start": of_parent.process_start - 5})
    assert assess_liveness(reused, NOW) is Liveness.DEAD


def test_a_lock_of_this_process_that_nobody_in_it_holds_was_left_behind(store: Store) -> None:
    """This happens if the store was unavailable at the end of a run in a notebook."""
    left_behind = make_own_lock(store)
    write_lock(store, left_behind)
    following = make_lock(store)
    following.acquire()
    following.release()


def test_a_host_of_the_same_name_is_another_one(store: Store) -> None:
    """Containers may share the name of their machine, or two machines may both be called localhost."""
    same_name = make_own_lock(store).model_copy(
        update={"pid_space": "another", "pid": 1, "process_start": 1.0}
    )
    assert assess_liveness(same_name, same_name.acquired_at) is Liveness.ALIVE
    assert assess_liveness(same_name, same_name.expires_at + HOUR) is Liveness.DOUBTFUL


def _start_of_parent() -> float:
    from qdash_core.locks.liveness import get_process_start

    start = get_process_start(os.getppid())
    assert start is not None
    return start
