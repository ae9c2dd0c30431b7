"""Leases that overlap exclude each other, those that do not go together."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qdash_core import LockedError
from qdash_core.lease.lock import ExecutionLock
from qdash_core.repositories.memory import MemoryStore

from .leases import PROJECT, begin, held, lock

if TYPE_CHECKING:
    from qdash_core.repositories.store import Store


def takes(wanted: ExecutionLock) -> bool:
    try:
        wanted.acquire()
    except LockedError:
        return False
    return True


def test_a_lease_is_given_up_and_can_be_taken_again(store: Store) -> None:
    first = lock(store)
    first.release()  # what is not held
    first.acquire()
    assert held(store) is not None
    first.release()
    first.release()
    assert held(store) is None
    assert takes(first)
    first.release()


def test_another_project_is_not_held_up(store: Store) -> None:
    first, second = lock(store), ExecutionLock(store, "other", ttl_s=30)
    assert takes(first)
    assert takes(second)
    first.release()
    second.release()


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [("", "", False), ("", "A", False), ("A", "", False), ("A", "A", False), ("A", "B", True)],
    ids=lambda chip: chip or "project" if isinstance(chip, str) else str(chip),
)
def test_what_overlaps_is_refused(store: Store, first: str, second: str, together: bool) -> None:
    one, other = lock(store, first), lock(store, second)
    assert takes(one)
    assert takes(other) is together
    one.release()
    other.release()
    assert held(store, first) is None
    assert takes(other), "once the first is gone"
    other.release()


def test_with_the_scope_of_the_project_every_chip_is_locked(store: Store) -> None:
    first = ExecutionLock(store, PROJECT, "A", scope="project", ttl_s=30)
    second = ExecutionLock(store, PROJECT, "B", scope="project", ttl_s=30)
    assert takes(first)
    assert not takes(second)
    first.release()


def test_a_refusal_says_who_since_when_until_when_and_what_can_be_done(store: Store) -> None:
    holder = lock(store)
    holder.acquire()
    holder.assign(begin(store).execution_id)
    with pytest.raises(LockedError) as refused:
        lock(store, "A").acquire()
    holder.release()
    assert str(refused.value).startswith("project default is in use by execution 20260101-007 of alice")


def test_of_many_who_want_it_at_once_one_gets_it(store: Store) -> None:
    locks = [lock(store, chip) for chip in ("", "A", "", "A", "", "A", "", "A")]
    with ThreadPoolExecutor(len(locks)) as pool:
        taken = list(pool.map(takes, locks))
    assert taken.count(True) == 1
    for one in locks:
        one.release()


def test_on_different_chips_all_get_one_at_once(store: Store) -> None:
    locks = [lock(store, f"chip-{number}") for number in range(8)]
    with ThreadPoolExecutor(len(locks)) as pool:
        assert all(pool.map(takes, locks))
    assert not takes(lock(store))
    for one in locks:
        one.release()


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=20))
def test_whatever_is_taken_and_released_no_two_leases_overlap(steps: list[tuple[int, bool]]) -> None:
    chips = ("", "A", "B", "A", "")
    with tempfile.TemporaryDirectory() as folder:
        store = MemoryStore.open(f"memory://{folder}")
        locks = [lock(store, chip) for chip in chips]
        holding: set[int] = set()
        for number, take in steps:
            if not take:
                locks[number].release()
                holding.discard(number)
            elif number not in holding:
                free = all(
                    "" not in (chips[number], chips[other]) and chips[number] != chips[other]
                    for other in holding
                )
                assert takes(locks[number]) is free
                holding |= {number} if free else set()
        for one in locks:
            one.release()
        store.close()
