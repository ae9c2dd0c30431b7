"""A store in the memory of one process: for tests and small trials. What it holds ends with the process."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import ge, gt, le, lt
from typing import TYPE_CHECKING, Any

from qdash_core.errors import StoreError
from qdash_core.repositories.documents import as_list, decode, decode_all, encode_for, search_terms
from qdash_core.repositories.queries import (
    Condition,
    Query,
    Term,
    check_numbered,
    checked_key,
    columns_of,
    conflict,
    question,
)
from qdash_core.repositories.schema import COLLECTIONS, Collection, collection_named
from qdash_core.repositories.store import Snapshot, Store, Transaction
from qdash_core.urls import redacted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pydantic import TypeAdapter

    from qdash_core.repositories.documents import Scalar
    from qdash_core.repositories.store import Document, Key, T

Rank = tuple[int, Any]
"""A value such that any two compare: None before numbers before text."""

_COMPARISONS: dict[str, Callable[[Rank, Rank], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le}


@dataclass(frozen=True, slots=True)
class _Row:
    text: str
    ranks: tuple[Rank, ...]
    """Ranks of `Collection.fields`."""
    members: Mapping[str, frozenset[str]]
    """Members of the lists, and words of the text."""


@dataclass(slots=True)
class _Table:
    collection: Collection
    rows: dict[tuple[Rank, ...], _Row] = field(default_factory=dict)
    taken: dict[tuple[str, ...], dict[tuple[Rank, ...], tuple[Rank, ...]]] = field(init=False)
    """For each unique combination of fields: values to key."""
    last_number: int = 0

    def __post_init__(self) -> None:
        self.taken = {fields: {} for fields in self.collection.unique}

    def row(self, document: Mapping[str, Any]) -> _Row:
        ranks = tuple([_rank(value) for value in columns_of(self.collection, document)])
        text = encode_for(self.collection.name, document)
        return _Row(text, ranks, _members_of(self.collection, document))

    def key(self, row: _Row) -> tuple[Rank, ...]:
        return row.ranks[: len(self.collection.key)]

    def values(self, row: _Row, fields: Sequence[str]) -> tuple[Rank, ...]:
        return tuple([row.ranks[self.collection.fields.index(name)] for name in fields])

    def set(self, key: tuple[Rank, ...], row: _Row | None) -> _Row | None:
        """Put a row in the place of `key`, or take it away; return what was there."""
        former = self.rows.pop(key, None)
        for fields, owners in self.taken.items():
            if former is not None:
                owners.pop(self.values(former, fields), None)
            if row is not None and _NONE not in (values := self.values(row, fields)):
                owners[values] = key
        if row is not None:
            self.rows[key] = row
        return former

    def matching(self, query: Query) -> list[_Row]:
        tests = [self._test(condition) for condition in query.conditions]
        return [row for row in self.rows.values() if all(test(row) for test in tests)]

    def sorted(self, query: Query) -> list[_Row]:
        rows = self.matching(query)
        for term in reversed(query.order):
            place = self.collection.fields.index(term.field)
            rows.sort(key=lambda row, place=place: row.ranks[place], reverse=term.descending)  # type: ignore[misc]
        if query.after is not None:
            bound = [_rank(value) for value in query.after]
            rows = [row for row in rows if self._behind(row, query.order, bound)]
        return rows[: query.limit]

    def _test(self, condition: Condition) -> Callable[[_Row], bool]:
        if condition.operator in ("HAS", "WORDS"):
            terms = frozenset(condition.values)
            return lambda row: terms <= row.members[condition.field]
        place = self.collection.fields.index(condition.field)
        wanted = [_rank(value) for value in condition.values]
        if condition.operator in ("=", "IN"):
            several = frozenset(wanted)
            return lambda row: row.ranks[place] in several
        compare = _COMPARISONS[condition.operator]
        return lambda row: compare(row.ranks[place], wanted[0])

    def _behind(self, row: _Row, order: Sequence[Term], bound: Sequence[Rank]) -> bool:
        for term, limit in zip(order, bound, strict=True):
            rank = row.ranks[self.collection.fields.index(term.field)]
            if rank != limit:
                return rank < limit if term.descending else rank > limit
        return False


class _Data:
    """The contents of one store, and the lock that whoever looks at them holds."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.owner: int | None = None
        self.tables = {name: _Table(collection) for name, collection in COLLECTIONS.items()}


_SHARED: dict[str, _Data] = {}
_SHARED_LOCK = threading.Lock()


class _MemorySnapshot(Snapshot):
    def __init__(self, data: _Data) -> None:
        self._data = data
        self._left = False

    def get(self, collection: str, key: Key) -> Document | None:
        table = self._table(collection)
        row = table.rows.get(tuple([_rank(value) for value in checked_key(table.collection, key)]))
        return None if row is None else decode(row.text)

    def find(
        self,
        collection: str,
        where: Mapping[str, Any],
        *,
        order: Sequence[str] = (),
        limit: int | None = None,
        after: Sequence[Any] | None = None,
    ) -> list[Document]:
        return decode_all(self._texts(question(collection, where, order=order, limit=limit, after=after)))

    def load(
        self,
        reader: TypeAdapter[list[T]],
        collection: str,
        where: Mapping[str, Any],
        *,
        order: Sequence[str] = (),
        limit: int | None = None,
        after: Sequence[Any] | None = None,
    ) -> list[T]:
        texts = self._texts(question(collection, where, order=order, limit=limit, after=after))
        return reader.validate_json(as_list(texts))

    def count(self, collection: str, where: Mapping[str, Any]) -> int:
        return len(self._table(collection).matching(question(collection, where)))

    def leave(self) -> None:
        self._left = True

    def _texts(self, query: Query) -> list[str]:
        return [row.text for row in self._table(query.collection.name).sorted(query)]

    def _table(self, name: str) -> _Table:
        if self._left:
            raise StoreError("this transaction has ended: begin another one")
        return self._data.tables[collection_named(name).name]


class _MemoryTransaction(_MemorySnapshot, Transaction):
    def __init__(self, data: _Data) -> None:
        super().__init__(data)
        self._undo: list[Callable[[], object]] = []

    def insert(self, collection: str, document: Document) -> None:
        table = self._table(collection)
        row = table.row(document)
        if table.key(row) in table.rows:
            raise conflict(table.collection, table.collection.key, document)
        self._write(table, row, document)

    def put(self, collection: str, document: Document) -> None:
        table = self._table(collection)
        self._write(table, table.row(document), document)

    def append(self, collection: str, document: Document) -> int:
        table = self._table(collection)
        check_numbered(table.collection)
        number = table.last_number + 1
        self.insert(collection, {**document, table.collection.key[0]: number})
        return number

    def delete(self, collection: str, where: Mapping[str, Any]) -> int:
        table = self._table(collection)
        rows = table.matching(question(collection, where))
        for row in rows:
            self._set(table, table.key(row), None)
        return len(rows)

    def undo(self) -> None:
        for step in reversed(self._undo):
            step()

    def _write(self, table: _Table, row: _Row, document: Mapping[str, Any]) -> None:
        key = table.key(row)
        for fields, owners in table.taken.items():
            if owners.get(table.values(row, fields), key) != key:
                raise conflict(table.collection, fields, document)
        if table.collection.numbered:
            last = table.last_number
            self._undo.append(lambda: setattr(table, "last_number", last))
            table.last_number = max(last, key[0][1])
        self._set(table, key, row)

    def _set(self, table: _Table, key: tuple[Rank, ...], row: _Row | None) -> None:
        former = table.set(key, row)
        self._undo.append(lambda: table.set(key, former))


class MemoryStore(Store):
    """A store in memory. `memory://` is private and empty; `memory://NAME` is one for the whole process.

    One lock makes it safe for threads: whoever reads waits for whoever writes. A process that is forked off gets a
    copy.
    """

    schemes = ("memory",)

    def __init__(self, data: _Data) -> None:
        self._data = data
        self._closed = False

    @classmethod
    def open(cls, url: str) -> MemoryStore:
        scheme, separator, name = url.partition("://")
        if not separator or scheme not in cls.schemes:
            raise StoreError(
                f"cannot open {redacted(url)!r}: a store in memory is memory:// or memory://NAME"
            )
        if not name:
            return cls(_Data())
        with _SHARED_LOCK:
            return cls(_SHARED.setdefault(name, _Data()))

    @contextmanager
    def read(self) -> Iterator[Snapshot]:
        with self._held():
            snapshot = _MemorySnapshot(self._data)
            try:
                yield snapshot
            finally:
                snapshot.leave()

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[Transaction]:  # noqa: ARG002  nothing here outlives the process
        with self._held():
            transaction = _MemoryTransaction(self._data)
            try:
                yield transaction
            except BaseException:
                transaction.undo()
                raise
            finally:
                transaction.leave()

    def close(self) -> None:
        self._closed = True

    @contextmanager
    def _held(self) -> Iterator[None]:
        if self._closed:
            raise StoreError("this store has been closed: open it again")
        if self._data.owner == threading.get_ident():
            raise StoreError("transactions of one thread do not nest: leave the first one before the next")
        with self._data.lock:
            self._data.owner = threading.get_ident()
            try:
                yield
            finally:
                self._data.owner = None


def _members_of(collection: Collection, document: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    members = {name: frozenset(document.get(name) or ()) for name in collection.lists}
    if collection.text:
        members[collection.text] = search_terms(document.get(collection.text) or "")
    return members


def _rank(value: Scalar) -> Rank:
    if value is None:
        return _NONE
    return (2, value) if isinstance(value, str) else (1, value)


_NONE: Rank = (0, 0)
