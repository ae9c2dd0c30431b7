"""Heartbeat thread that renews an instrument lock, and its signals to the run."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import timedelta
from queue import Empty, Queue
from typing import TYPE_CHECKING, Any

import pytest

from qdash_core.errors import StoreUnavailableError
from qdash_core.models.execution import CancelRequest, ExecutionStatus
from qdash_core.repositories.executions import ExecutionLockRepository, ExecutionRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.store import Store

from .sample_locks import (
    NOW,
    find_lock,
    get_instrument,
    make_foreign_lock,
    make_lock,
    record_running,
    write_lock,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.every_store

SHORT_S = 0.06
SOON_S = 20.0
"""Timeout for expected events, in s."""


class Outage(Store):
    """A store that can become unavailable."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.away = False
        self.asked = threading.Semaphore(0)

    @classmethod
    def open(cls, url: str) -> Store:
        raise NotImplementedError(url)

    def close(self) -> None:
        self._store.close()

    @contextmanager
    def _reached(self, block: Any) -> Iterator[Any]:
        if self.away:
            self.asked.release()
            raise StoreUnavailableError("nobody answers")
        with block as inside:
            yield inside

    def read(self) -> Any:
        return self._reached(self._store.read())

    def transaction(self, *, durable: bool = True) -> Any:
        return self._reached(self._store.transaction(durable=durable))


def wait_for_renewals(store: Store, at_least: int) -> None:
    ended = threading.Event()
    while (lock := find_lock(store)) is not None and lock.renewals < at_least:
        assert not ended.wait(SHORT_S / 3)


def test_a_lock_is_renewed_while_it_is_held(store: Store) -> None:
    moment = NOW
    holder = make_lock(store, ttl_s=SHORT_S, clock=lambda: moment)
    holder.acquire()
    moment = NOW + timedelta(seconds=60)
    wait_for_renewals(store, 3)
    lock = find_lock(store)
    holder.release()
    assert lock is not None
    assert lock.expires_at == NOW + timedelta(seconds=60 + SHORT_S)
    assert lock.acquired_at == NOW


def test_a_clock_that_is_set_back_does_not_lose_the_lock(store: Store) -> None:
    lost: Queue[str] = Queue()
    moment = NOW
    holder = make_lock(store, ttl_s=SHORT_S, clock=lambda: moment, on_lost=lost.put)
    holder.acquire()
    moment = NOW - timedelta(hours=1)
    wait_for_renewals(store, 3)
    assert lost.empty()
    holder.release()


def test_a_request_to_cancel_is_passed_on_once(store: Store) -> None:
    asked: Queue[CancelRequest] = Queue()
    holder = make_lock(store, ttl_s=SHORT_S, on_cancel=asked.put)
    holder.acquire()
    execution = record_running(store)
    holder.assign(execution.execution_id)
    request = CancelRequest(username="bob", requested_at=NOW)
    Repositories(store).of(ExecutionRepository).replace(
        execution.model_copy(update={"cancel_request": request}), was=ExecutionStatus.RUNNING
    )
    assert asked.get(timeout=SOON_S) == request
    lock = find_lock(store)
    assert lock is not None
    wait_for_renewals(store, lock.renewals + 2)
    assert asked.empty()
    holder.release()


@pytest.mark.parametrize("how", ["taken over", "released by force", "ended from outside"])
def test_a_run_that_has_lost_is_told_why_once(store: Store, how: str) -> None:
    lost: Queue[str] = Queue()
    holder = make_lock(store, ttl_s=SHORT_S, on_lost=lost.put)
    holder.acquire()
    execution = record_running(store)
    holder.assign(execution.execution_id)
    match how:
        case "taken over":
            write_lock(store, make_foreign_lock())
        case "released by force":
            for lock in (
                Repositories(store).of(ExecutionLockRepository).list_by_instruments([get_instrument()])
            ):
                Repositories(store).of(ExecutionLockRepository).remove(lock.hold)
        case _:
            ended = execution.model_copy(
                update={"status": ExecutionStatus.CANCELLED, "message": "by bob", "end_at": NOW}
            )
            Repositories(store).of(ExecutionRepository).replace(ended, was=ExecutionStatus.RUNNING)
    reason = lost.get(timeout=SOON_S)
    expected = "was ended from outside: it is cancelled, by bob" if "outside" in how else "was lost"
    assert expected in reason
    holder.release()
    assert lost.empty()


def test_its_own_end_is_no_news_to_a_run(store: Store) -> None:
    lost: Queue[str] = Queue()
    holder = make_lock(store, ttl_s=SHORT_S, on_lost=lost.put)
    holder.acquire()
    execution = record_running(store)
    holder.assign(execution.execution_id)
    holder.stop_watching()
    ended = execution.model_copy(update={"status": ExecutionStatus.COMPLETED, "end_at": NOW})
    Repositories(store).of(ExecutionRepository).replace(ended, was=ExecutionStatus.RUNNING)
    lock = find_lock(store)
    assert lock is not None
    wait_for_renewals(store, lock.renewals + 2)
    Repositories(store).of(ExecutionLockRepository).remove(lock.hold)
    with pytest.raises(Empty):
        lost.get(timeout=2 * SHORT_S)
    assert find_lock(store) is None
    holder.release()


@pytest.mark.parametrize("taken_meanwhile", [False, True])
def test_a_store_that_was_away_shows_whether_the_lock_is_still_ours(
    store: Store, taken_meanwhile: bool
) -> None:
    lost: Queue[str] = Queue()
    outage = Outage(store)
    holder = make_lock(outage, ttl_s=SHORT_S, on_lost=lost.put)
    holder.acquire()
    outage.away = True
    for _ in range(3):
        assert outage.asked.acquire(timeout=SOON_S)
    before = find_lock(store)
    assert before is not None
    if taken_meanwhile:
        write_lock(store, make_foreign_lock())
    outage.away = False
    if taken_meanwhile:
        assert "took it over" in lost.get(timeout=SOON_S)
    else:
        wait_for_renewals(store, before.renewals + 2)
        assert lost.empty()
    holder.release()


def test_a_lock_that_cannot_be_given_up_does_not_fail_the_end_of_a_run(store: Store) -> None:
    outage = Outage(store)
    holder = make_lock(outage)
    holder.acquire()
    outage.away = True
    holder.release()
    assert find_lock(store) is not None
    outage.away = False
    holder.acquire()
    holder.release()
    assert find_lock(store) is None


def test_a_listener_that_fails_does_not_end_the_renewals(store: Store) -> None:
    def fail(_request: CancelRequest) -> None:
        raise ValueError("no")

    holder = make_lock(store, ttl_s=SHORT_S, on_cancel=fail)
    holder.acquire()
    request = CancelRequest(username="bob", requested_at=NOW)
    execution = record_running(store, "20260101-008")
    Repositories(store).of(ExecutionRepository).replace(
        execution.model_copy(update={"cancel_request": request}), was=ExecutionStatus.RUNNING
    )
    holder.assign("20260101-008")
    lock = find_lock(store)
    assert lock is not None
    wait_for_renewals(store, lock.renewals + 3)
    holder.release()
