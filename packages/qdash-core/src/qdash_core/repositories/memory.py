"""Store in the memory of one process, for tests and small trials. Its contents end with the process."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from qdash_core.errors import StoreError
from qdash_core.parsing.urls import redact_password
from qdash_core.repositories.catalogue import Catalogue, CatalogueEntry
from qdash_core.repositories.documents import decode, decode_all, decode_briefs, join_as_list
from qdash_core.repositories.memory_tables import Table, rank_values
from qdash_core.repositories.queries import check_numbered, convert_key, make_conflict_error, make_query
from qdash_core.repositories.store import Snapshot, Store, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from pydantic import TypeAdapter

    from qdash_core.repositories.collection import Collection
    from qdash_core.repositories.memory_tables import Rank, Row
    from qdash_core.repositories.queries import Query
    from qdash_core.repositories.schema import Declaration
    from qdash_core.repositories.store import Document, Key, T


class _Data:
    """Contents of one store, and the lock that every access holds."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.owner: int | None = None
        self.tables: dict[str, Table] = {}
        self.entries: dict[str, CatalogueEntry] = {}

    def update_collections(self) -> None:
        """Add the collections of this process, and adapt those that are declared otherwise now."""
        with self.lock:
            catalogue = Catalogue(self.entries.values())
            for one in catalogue.changes:
                catalogue.must_rebuild(one)  # raises if it is of another feature
            self.keep(catalogue.changes)

    def keep(self, declarations: Iterable[Declaration]) -> None:
        """Add or adapt collections."""
        for one in declarations:
            former, table = self.tables.get(one.collection.name), Table(one.collection)
            if former is not None:
                table.copy_rows(former)
            self.tables[one.collection.name] = table
            self.entries[one.collection.name] = CatalogueEntry.from_declaration(one)


_SHARED: dict[str, _Data] = {}
_SHARED_LOCK = threading.Lock()


class _MemorySnapshot(Snapshot):
    def __init__(self, data: _Data) -> None:
        self._data = data
        self._left = False

    @property
    def collections(self) -> Catalogue:
        return Catalogue(self._data.entries.values())

    def get_collection(self, name: str) -> Collection:
        held = self._data.tables.get(name)
        return self.collections[name] if held is None else held.collection

    def get(self, collection: str, key: Key) -> Document | None:
        table = self._get_table(collection)
        row = table.get(rank_values(convert_key(table.collection, key)))
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
        return decode_all(
            self._read_texts(self._make_query(collection, where, order=order, limit=limit, after=after))
        )

    def load(
        self,
        reader: TypeAdapter[list[T]],
        collection: str,
        where: Mapping[str, Any],
        *,
        order: Sequence[str] = (),
        limit: int | None = None,
        after: Sequence[Any] | None = None,
        without: Sequence[str] = (),  # noqa: ARG002  everything is in memory
    ) -> list[T]:
        texts = self._read_texts(self._make_query(collection, where, order=order, limit=limit, after=after))
        return reader.validate_json(join_as_list(texts))

    def read_briefs(self, collection: str, where: Mapping[str, Any], **paging: Any) -> list[list[Any]]:
        return decode_briefs(
            row.brief for row in self._find_rows(self._make_query(collection, where, **paging))
        )

    def count(self, collection: str, where: Mapping[str, Any]) -> int:
        return len(self._get_table(collection).find(self._make_query(collection, where)))

    def leave(self) -> None:
        self._left = True

    def _read_texts(self, query: Query) -> list[str]:
        return [row.text for row in self._find_rows(query)]

    def _find_rows(self, query: Query) -> list[Row]:
        return self._get_table(query.collection.name).find_sorted(query)

    def _get_table(self, name: str) -> Table:
        if self._left:
            raise StoreError("this transaction has ended: begin another one")
        return self._data.tables[self.get_collection(name).name]

    def _make_query(self, collection: str, where: Mapping[str, Any], **paging: Any) -> Query:
        return make_query(self.get_collection(collection), where, **paging)


class _MemoryTransaction(_MemorySnapshot, Transaction):
    def __init__(self, data: _Data) -> None:
        super().__init__(data)
        self._undo: list[Callable[[], object]] = []

    def keep_collections(self, declarations: Iterable[Declaration]) -> None:
        self._data.keep([one for one in declarations if one.collection.name not in self._data.entries])

    def insert(self, collection: str, document: Document) -> None:
        table = self._get_table(collection)
        row = table.make_row(document)
        if table.get(table.get_key(row)) is not None:
            raise make_conflict_error(table.collection, table.collection.key, document)
        self._write(table, row, document)

    def put(self, collection: str, document: Document) -> None:
        table = self._get_table(collection)
        self._write(table, table.make_row(document), document)

    def append(self, collection: str, document: Document) -> int:
        table = self._get_table(collection)
        check_numbered(table.collection)
        number = table.last_number + 1
        self.insert(collection, {**document, table.collection.key[0]: number})
        return number

    def delete(self, collection: str, where: Mapping[str, Any]) -> int:
        table = self._get_table(collection)
        rows = table.find(self._make_query(collection, where))
        for row in rows:
            self._set(table, table.get_key(row), None)
        return len(rows)

    def undo(self) -> None:
        for step in reversed(self._undo):
            step()

    def _write(self, table: Table, row: Row, document: Mapping[str, Any]) -> None:
        table.require_unique(row, document)
        key = table.get_key(row)
        if table.collection.numbered:
            last = table.last_number
            self._undo.append(lambda: setattr(table, "last_number", last))
            table.last_number = max(last, key[0][1])
        self._set(table, key, row)

    def _set(self, table: Table, key: tuple[Rank, ...], row: Row | None) -> None:
        former = table.set(key, row)
        self._undo.append(lambda: table.set(key, former))


class MemoryStore(Store):
    """A store in memory. `memory://` is private and empty; `memory://NAME` is shared within the process.

    One lock makes it thread-safe, so readers wait for writers. A forked process gets a copy.
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
                f"cannot open {redact_password(url)!r}: a store in memory is memory:// or memory://NAME"
            )
        with _SHARED_LOCK:
            data = _SHARED.setdefault(name, _Data()) if name else _Data()
        data.update_collections()
        return cls(data)

    @contextmanager
    def read(self) -> Iterator[Snapshot]:
        with self._hold_lock():
            snapshot = _MemorySnapshot(self._data)
            try:
                yield snapshot
            finally:
                snapshot.leave()

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[Transaction]:  # noqa: ARG002  nothing here outlives the process
        with self._hold_lock():
            transaction = _MemoryTransaction(self._data)
            try:
                yield transaction
            except BaseException:
                transaction.undo()
                raise
            finally:
                transaction.leave()
        self.pass_on(transaction)

    def close(self) -> None:
        self._closed = True

    @contextmanager
    def _hold_lock(self) -> Iterator[None]:
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
