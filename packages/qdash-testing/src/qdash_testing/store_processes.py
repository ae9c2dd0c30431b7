"""Functions that the conformance tests of stores run in other processes, without pytest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_testing.store_samples import COUNTER, make_first_counter

if TYPE_CHECKING:
    from qdash_core.repositories.store import Store


def count_up(store: Store, times: int) -> list[tuple[int, int]]:
    """Draw numbers, each in a separate transaction: a counter's value and an event's `seq`."""
    drawn = []
    for _ in range(times):
        with store.transaction() as transaction:
            value = transaction.increment("execution_counter", COUNTER, "index", initial=make_first_counter())
            drawn.append((value, transaction.append("event", {"project_id": "p", "value": value})))
    return drawn


def open_and_count_up(store_class: type[Store], url: str, times: int) -> list[tuple[int, int]]:
    """Open the store in this process, draw numbers and close it."""
    store = store_class.open(url)
    try:
        return count_up(store, times)
    finally:
        store.close()
