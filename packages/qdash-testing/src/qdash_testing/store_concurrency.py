"""Conformance tests of stores with concurrent threads and processes. Part of `qdash_testing.store`."""

from __future__ import annotations

import multiprocessing
from abc import ABC
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from threading import Event, Thread
from typing import TYPE_CHECKING, ClassVar

import pytest

from qdash_testing.store_processes import count_up, open_and_count_up

if TYPE_CHECKING:
    from qdash_core.repositories.store import Store

_PATIENCE_S = 30.0


class StoreConcurrency(ABC):
    """Tests of `StoreContract` with several simultaneous users of the store."""

    store_class: ClassVar[type[Store]]

    def test_threads_that_count_lose_nothing_and_repeat_nothing(self, store: Store) -> None:
        with ThreadPoolExecutor(8) as pool:
            drawn = [pair for pairs in pool.map(lambda _: count_up(store, 25), range(8)) for pair in pairs]
        numbers = [*range(1, 201)]
        assert sorted(value for value, _ in drawn) == numbers
        assert sorted(seq for _, seq in drawn) == numbers
        with store.read() as snapshot:
            assert [
                event["value"] for event in snapshot.find("event", {"project_id": "p"}, order=("seq",))
            ] == numbers

    def test_processes_that_count_lose_nothing_and_repeat_nothing(self, store_url: str) -> None:
        """Start without a store, so that the processes also create it at the same time."""
        if not self.store_class.shared:
            pytest.skip("one process at a time")
        with ProcessPoolExecutor(3, mp_context=multiprocessing.get_context("spawn")) as pool:
            counting = [pool.submit(open_and_count_up, self.store_class, store_url, 40) for _ in range(3)]
            drawn = [pair for future in counting for pair in future.result(timeout=_PATIENCE_S)]
        assert sorted(value for value, _ in drawn) == [*range(1, 121)]
        assert sorted(seq for _, seq in drawn) == [*range(1, 121)]

    def test_one_of_many_concurrent_compare_and_sets_wins(self, store: Store) -> None:
        with store.transaction() as transaction:
            transaction.put("presence", {"owner": "i", "kind": ""})

        def take(owner: str) -> bool:
            with store.transaction() as transaction:
                return transaction.compare_and_set("presence", {"kind": ""}, {"owner": "i", "kind": owner})

        owners = [f"owner {number}" for number in range(16)]
        with ThreadPoolExecutor(8) as pool:
            winners = [owner for owner, won in zip(owners, pool.map(take, owners), strict=True) if won]
        with store.read() as snapshot:
            assert snapshot.find("presence", {}) == [{"owner": "i", "kind": winner} for winner in winners]
        assert len(winners) == 1

    def test_of_many_who_look_before_they_write_one_writes(self, store: Store, store_url: str) -> None:
        """Let each add a document of its own unless there is one: transactions that only avoid equal keys would let several pass."""
        stores = [store, self.store_class.open(store_url) if self.store_class.shared else store]

        def add_if_first(number: int) -> bool:
            with stores[number % 2].transaction() as transaction:
                free = not transaction.find("execution_lock", {"instrument": "i"})
                if free:
                    transaction.insert("execution_lock", {"instrument": "i", "owner": f"owner {number}"})
                return free

        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(add_if_first, range(16))).count(True) == 1
        with store.read() as snapshot:
            assert snapshot.count("execution_lock", {}) == 1
        if stores[1] is not store:
            stores[1].close()

    def test_a_snapshot_stays_as_it_is_while_others_write(self, store: Store) -> None:
        with store.transaction() as transaction:
            transaction.append("event", {"project_id": "p"})
        begun = Event()

        def write() -> None:
            begun.set()
            with store.transaction() as transaction:
                transaction.append("event", {"project_id": "p"})

        with store.read() as snapshot:
            before = snapshot.find("event", {})
            writer = Thread(target=write)
            writer.start()
            begun.wait(_PATIENCE_S)
            writer.join(0.1)  # a store may let the writer wait for the snapshot
            assert snapshot.find("event", {}) == before
            assert snapshot.count("event", {}) == 1
        writer.join(_PATIENCE_S)
        with store.read() as snapshot:
            assert snapshot.count("event", {}) == 2

    def test_readers_never_see_half_a_transaction(self, store: Store) -> None:
        """Write the same value to two documents again and again, and compare them in several readers."""
        done = Event()

        def write() -> None:
            try:
                for number in range(100):
                    with store.transaction() as transaction:
                        for name in ("ann", "bob"):
                            transaction.put("user", {"username": name, "n": number})
            finally:
                done.set()

        with ThreadPoolExecutor(1) as pool:
            writing = pool.submit(write)
            while not done.is_set():
                with store.read() as snapshot:
                    ann, bob = snapshot.get("user", ("ann",)), snapshot.get("user", ("bob",))
                assert (ann or {}).get("n") == (bob or {}).get("n")
            writing.result()
