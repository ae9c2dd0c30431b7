"""Sequence numbers of stores: the last one, and continuation in another store."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_core.repositories.collection import Collection
    from qdash_core.repositories.store import Store


class _UndoneError(Exception):
    """Exception that rolls back a transaction on purpose."""


def get_last_number(store: Store, collection: Collection) -> int:
    """Return the last assigned number: one less than the next, which a rolled-back transaction obtains."""
    number = 1
    try:
        with store.transaction() as transaction:
            number = transaction.append(collection.name, {})
            raise _UndoneError  # noqa: TRY301  the transaction must see it pass
    except _UndoneError:
        return number - 1


def continue_numbers(store: Store, collection: Collection, last: int) -> None:
    """Make a store continue its numbers after `last`, even if the last documents were deleted."""
    number = collection.key[0]
    if get_last_number(store, collection) < last:
        with store.transaction() as transaction:
            transaction.insert(collection.name, {number: last})
            transaction.delete(collection.name, {number: last})
