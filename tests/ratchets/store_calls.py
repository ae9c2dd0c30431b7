"""Calls of a store's primitives, counted by method and collection."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack, contextmanager
from functools import wraps
from inspect import signature
from threading import local
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from qdash_core.repositories.store import Snapshot, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.repositories.store import Store

_PRIMITIVES = tuple(
    name
    for name in dir(Transaction)
    if not name.startswith("_")
    and callable(method := getattr(Transaction, name))
    and "collection" in signature(method).parameters
)
_READS = tuple(name for name in _PRIMITIVES if hasattr(Snapshot, name))


@contextmanager
def count_store_calls(store: Store) -> Iterator[Counter[str]]:
    """Count the blocks and the calls of primitives of all threads; a call that a primitive makes itself does not count."""
    counts: Counter[str] = Counter()
    inside = local()

    def counted(method: Callable[..., Any], name: str) -> Callable[..., Any]:
        @wraps(method)
        def call(one: object, *given: object, **options: object) -> object:
            if getattr(inside, "busy", False):
                return method(one, *given, **options)
            collection = next(text for text in given if isinstance(text, str))
            counts[f"{name} {collection}"] += 1
            inside.busy = True
            try:
                return method(one, *given, **options)
            finally:
                inside.busy = False

        return call

    def begun(method: Callable[..., Any], name: str) -> Callable[..., Any]:
        @wraps(method)
        def call(one: object, *given: object, **options: object) -> object:
            counts[f"begin a {name}"] += 1
            return method(one, *given, **options)

        return call

    with store.read() as snapshot:
        kinds: dict[type[Snapshot], tuple[str, ...]] = {type(snapshot): _READS}
    with store.transaction() as transaction:
        kinds[type(transaction)] = _PRIMITIVES
    with ExitStack() as patches:
        for kind, names in kinds.items():
            for name in names:
                patches.enter_context(patch.object(kind, name, counted(getattr(kind, name), name)))
        for name in ("read", "transaction"):
            patches.enter_context(patch.object(type(store), name, begun(getattr(type(store), name), name)))
        yield counts
