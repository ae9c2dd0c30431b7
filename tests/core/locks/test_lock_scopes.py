"""Overlapping instrument locks exclude each other, and disjoint ones do not."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_core import LockedError
from qdash_core.repositories.executions import ExecutionLockRepository
from qdash_core.repositories.memory import MemoryStore
from qdash_core.repositories.repositories import Repositories

from .sample_locks import (
    NOW,
    PROJECT,
    find_lock,
    get_instrument,
    make_foreign_lock,
    make_lock,
    record_running,
    write_lock,
)

if TYPE_CHECKING:
    from qdash_core.locks.lock import ExecutionLock
    from qdash_core.repositories.store import Store


pytestmark = pytest.mark.every_store


def try_lock(wanted: ExecutionLock) -> bool:
    try:
        wanted.acquire()
    except LockedError:
        return False
    return True


def test_a_lock_is_given_up_and_can_be_taken_again(store: Store) -> None:
    first = make_lock(store)
    first.release()  # without holding it
    first.acquire()
    assert find_lock(store) is not None
    first.release()
    first.release()
    assert find_lock(store) is None
    assert try_lock(first)
    first.release()


A, A_ALONE = {"chip_id": "A"}, {"chip_id": "A", "scope": "project"}
B, B_ALONE = {"chip_id": "B"}, {"chip_id": "B", "scope": "project"}
B_BY_A = {"chip_id": "B", "instrument": get_instrument("A")}
ELSEWHERE = {"chip_id": "A", "project_id": "other"}
ELSEWHERE_BY_A = {**ELSEWHERE, "instrument": get_instrument("A")}
ELSEWHERE_ALONE = {**ELSEWHERE, "scope": "project"}
ELSEWHERE_BY_A_ALONE = {**ELSEWHERE_BY_A, "scope": "project"}


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        pytest.param(A, A, False, id="one chip"),
        pytest.param(A, B, True, id="two chips"),
        pytest.param(A, B_BY_A, False, id="two chips of one instrument"),
        pytest.param(A, ELSEWHERE, True, id="chips of two projects"),
        pytest.param(A, ELSEWHERE_BY_A, False, id="chips of two projects on one instrument"),
        pytest.param(A_ALONE, A_ALONE, False, id="one chip, both with the project"),
        pytest.param(A_ALONE, B_ALONE, False, id="two chips, both with the project"),
        pytest.param(A_ALONE, A, False, id="one chip, the first with the project"),
        pytest.param(A_ALONE, B, False, id="two chips, the first with the project"),
        pytest.param(A, A_ALONE, False, id="one chip, the second with the project"),
        pytest.param(A, B_ALONE, False, id="two chips, the second with the project"),
        pytest.param(A_ALONE, ELSEWHERE_ALONE, True, id="two projects"),
        pytest.param(A_ALONE, ELSEWHERE_BY_A, False, id="two projects on one instrument, the first as a whole"),
        pytest.param(A_ALONE, ELSEWHERE_BY_A_ALONE, False, id="two projects on one instrument, both as a whole"),
    ],
)  # fmt: skip
def test_what_overlaps_is_refused(
    store: Store, first: dict[str, str], second: dict[str, str], together: bool
) -> None:
    one, other = make_lock(store, **first), make_lock(store, **second)
    assert try_lock(one)
    assert try_lock(other) is together
    one.release()
    other.release()
    assert Repositories(store).of(ExecutionLockRepository).list_by_project(PROJECT) == []
    assert try_lock(other), "once the first is gone"
    other.release()


def get_refusal(wanted: ExecutionLock) -> str:
    with pytest.raises(LockedError) as refused:
        wanted.acquire()
    return str(refused.value)


def test_a_refusal_says_who_since_when_until_when_and_what_can_be_done(store: Store) -> None:
    write_lock(store, make_foreign_lock(chip_id="A", scope="project"))
    record_running(store)
    assert get_refusal(make_lock(store, "B", clock=lambda: NOW)) == (
        "chip B of project default cannot be measured now: project default (chip A of project default, instrument "
        "bench/default/A) is in use by execution 20260101-007 of alice (process 1 on elsewhere, since "
        "2026-01-01 00:00:00+00:00, renewed until 2026-01-01 00:00:30+00:00): see `qdash executions show "
        "20260101-007`; wait for its end, or stop it with `qdash executions cancel 20260101-007` or "
        "`qdash lock release A --force`"
    )


def test_who_is_refused_by_another_project_is_told_which(store: Store) -> None:
    write_lock(store, make_foreign_lock(chip_id="A"))
    record_running(store)
    message = get_refusal(make_lock(store, **ELSEWHERE_BY_A, clock=lambda: NOW))
    assert message.startswith(
        "chip A of project other cannot be measured now: chip A of project default (instrument bench/default/A) is "
        "in use by execution 20260101-007 of alice"
    )
    assert "`qdash executions cancel 20260101-007 --project default`" in message
    assert "`qdash lock release A --force --project default`" in message


def test_a_holder_in_this_process_is_named_as_such(store: Store) -> None:
    holder = make_lock(store)
    holder.acquire()
    holder.assign(record_running(store).execution_id)
    assert "is in use by execution 20260101-007 of alice of this process" in get_refusal(make_lock(store))
    holder.release()


def test_of_many_who_want_it_at_once_one_gets_it(store: Store) -> None:
    locks = [make_lock(store, **wanted) for wanted in (A, A_ALONE, B_BY_A, ELSEWHERE_BY_A) * 2]
    with ThreadPoolExecutor(len(locks)) as pool:
        taken = list(pool.map(try_lock, locks))
    assert taken.count(True) == 1
    for one in locks:
        one.release()


def test_on_different_chips_all_get_one_at_once(store: Store) -> None:
    locks = [make_lock(store, f"chip-{number}") for number in range(8)]
    with ThreadPoolExecutor(len(locks)) as pool:
        assert all(pool.map(try_lock, locks))
    assert not try_lock(make_lock(store, "another", scope="project"))
    for one in locks:
        one.release()


WANTED = (A, A_ALONE, B, B_ALONE, B_BY_A, ELSEWHERE, ELSEWHERE_BY_A, ELSEWHERE_BY_A_ALONE)


def exclude_each_other(one: dict[str, str], other: dict[str, str]) -> bool:
    projects = [wanted.get("project_id", PROJECT) for wanted in (one, other)]
    instruments = [
        wanted.get("instrument") or get_instrument(wanted["chip_id"], project)
        for wanted, project in zip((one, other), projects, strict=True)
    ]
    of_a_project = "project" in (one.get("scope"), other.get("scope")) and projects[0] == projects[1]
    return of_a_project or instruments[0] == instruments[1]


@given(st.lists(st.tuples(st.integers(0, len(WANTED) - 1), st.booleans()), max_size=20))
def test_whatever_is_taken_and_released_no_two_locks_overlap(steps: list[tuple[int, bool]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = MemoryStore.open(f"memory://{folder}")
        locks = [make_lock(store, **wanted) for wanted in WANTED]
        holding: set[int] = set()
        for number, take in steps:
            if not take:
                locks[number].release()
                holding.discard(number)
            elif number not in holding:
                free = not any(exclude_each_other(WANTED[number], WANTED[other]) for other in holding)
                assert try_lock(locks[number]) is free
                holding |= {number} if free else set()
        for one in locks:
            one.release()
        store.close()
