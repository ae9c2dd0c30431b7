"""Store in one SQLite file, for all processes on one machine.

The file is in WAL mode and every commit is synchronised with the disk. Nothing that a writer reads changes before its
commit; readers never wait for a writer.
"""

from __future__ import annotations

import logging
import sqlite3
import time
import weakref
from contextlib import closing, contextmanager, nullcontext, suppress
from shutil import rmtree
from typing import TYPE_CHECKING, Any

from qdash_core.errors import ConflictError, StoreError, StoreUnavailableError
from qdash_core.process.file_modes import ensure_file
from qdash_core.repositories.catalogue import Catalogue
from qdash_core.repositories.documents import decode, decode_all, decode_briefs, encode_for, join_as_list
from qdash_core.repositories.queries import (
    check_numbered,
    convert_key,
    make_conflict_error,
    make_query,
)
from qdash_core.repositories.schema import SCHEMA_VERSION
from qdash_core.repositories.store import Snapshot, Store, StoreSize, StoreUpgrade, Transaction
from qdash_sqlite.catalogue import keep_collections, read_catalogue, update_collections
from qdash_sqlite.connections import SYNCHRONISED, Connections, connect
from qdash_sqlite.errors import DAMAGED, is_busy, is_damage, is_transient, make_store_error
from qdash_sqlite.file import ensure_usable, make_url, parse_path
from qdash_sqlite.read_only import (
    copy_file,
    is_read_only,
    make_private_folder,
    make_read_only_error,
    needs_copy,
)
from qdash_sqlite.salvage import iter_readable_documents, iter_readable_entries
from qdash_sqlite.soundness import check_soundness
from qdash_sqlite.statements import (
    Statements,
    convert_values,
    iter_term_rows,
    make_row,
    prepare_statements,
)
from qdash_sqlite.upgrade import list_file_users, upgrade_file
from qdash_sqlite.versions import migrate_file, read_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from pydantic import TypeAdapter

    from qdash_core.repositories.queries import Query
    from qdash_core.repositories.schema import Declaration
    from qdash_core.repositories.store import Document, Key, Soundness, T

logger = logging.getLogger(__name__)

BUSY_TIMEOUT_S = 30.0
"""Time that SQLite waits for another writer before it reports that the file is locked, in seconds."""

WRITE_WAIT_S = 90.0
"""Longest wait of a transaction for other writers unless `write_wait_s` is set, in seconds."""
_ATTEMPTS = 3
"""Number of attempts within this time, since SQLite's own waiting is not fair."""

_SUFFIXES = ("", "-wal", "-shm")
"""Suffixes of the files of a store."""
_PARSED = 100
"""Number of texts that are parsed together."""

_OPENING_PAUSE_S = 0.005
"""Pause between attempts to switch a new file to WAL, for which SQLite does not wait, in seconds."""


class _SQLiteSnapshot(Snapshot):
    def __init__(self, connection: sqlite3.Connection, connections: Connections) -> None:
        self._connection = connection
        self._connections = connections
        self._refusal: StoreError | None = None

    @property
    def collections(self) -> Catalogue:
        with self._explain_failures():
            return read_catalogue(self._connection)

    def get(self, collection: str, key: Key) -> Document | None:
        statements = self._prepare(collection)
        rows, _ = self._run(statements.get, convert_values(convert_key(statements.collection, key)))
        return decode(rows[0][0]) if rows else None

    def find(
        self,
        collection: str,
        where: Mapping[str, Any],
        *,
        order: Sequence[str] = (),
        limit: int | None = None,
        after: Sequence[Any] | None = None,
    ) -> list[Document]:
        requested = self._make_query(collection, where, order=order, limit=limit, after=after)
        return [document for texts in self._iter_texts(requested) for document in decode_all(texts)]

    def load(
        self,
        reader: TypeAdapter[list[T]],
        collection: str,
        where: Mapping[str, Any],
        *,
        order: Sequence[str] = (),
        limit: int | None = None,
        after: Sequence[Any] | None = None,
        without: Sequence[str] = (),
    ) -> list[T]:
        requested = self._make_query(collection, where, order=order, limit=limit, after=after)
        found: list[T] = []
        for texts in self._iter_texts(requested, without=without):
            found += reader.validate_json(join_as_list(texts))
        return found

    def read_briefs(
        self,
        collection: str,
        where: Mapping[str, Any],
        *,
        order: Sequence[str] = (),
        limit: int | None = None,
        after: Sequence[Any] | None = None,
    ) -> list[list[Any]]:
        requested = self._make_query(collection, where, order=order, limit=limit, after=after)
        return [brief for texts in self._iter_texts(requested, brief=True) for brief in decode_briefs(texts)]

    def count(self, collection: str, where: Mapping[str, Any]) -> int:
        rows, _ = self._run(*self._prepare(collection).count(self._make_query(collection, where)))
        return int(rows[0][0])

    def _prepare(self, collection: str) -> Statements:
        return prepare_statements(self.get_collection(collection))

    def _make_query(self, collection: str, where: Mapping[str, Any], **paging: Any) -> Query:
        return make_query(self.get_collection(collection), where, **paging)

    def leave(self) -> None:
        """Reject further calls, and roll back uncommitted changes."""
        self._refusal = self._refusal or StoreError("this transaction has ended: begin another one")
        if not self._connections.forked:
            with suppress(sqlite3.Error):
                self._connection.rollback()

    def _iter_texts(
        self, query: Query, *, without: Sequence[str] = (), brief: bool = False
    ) -> Iterator[list[str]]:
        """Yield the texts of a query in short lists: parsed, a text takes many times its memory."""
        with self._explain_failures():
            statement = prepare_statements(query.collection).find(query, without=without, brief=brief)
            cursor = self._connection.execute(*statement)
            while rows := cursor.fetchmany(_PARSED):
                yield [text for (text,) in rows]

    def _run(self, text: str, values: Sequence[object]) -> tuple[list[Any], int]:
        """Execute a statement; return its rows and the number of changed rows."""
        self._require_usable()
        try:
            cursor = self._connection.execute(text, values)
            return cursor.fetchall(), cursor.rowcount
        except sqlite3.IntegrityError:
            raise
        except sqlite3.Error as error:
            raise self._refuse_further(error) from error

    @contextmanager
    def _explain_failures(self) -> Iterator[None]:
        """Convert errors of SQLite in a block of several statements, as `_run` does."""
        self._require_usable()
        try:
            yield
        except sqlite3.IntegrityError:
            raise
        except sqlite3.Error as error:
            raise self._refuse_further(error) from error

    def _require_usable(self) -> None:
        if self._refusal is not None or self._connections.forked:
            raise self._refusal or StoreError(self._connections.refusal)

    def _refuse_further(self, error: sqlite3.Error) -> StoreError:
        """Return the error of a failed statement, and reject all statements after it."""
        failed = make_store_error(self._connections.path, error)
        self._refusal = type(failed)(
            f"an earlier statement of this transaction failed ({error}): nothing was written"
        )
        return failed


class _SQLiteTransaction(_SQLiteSnapshot, Transaction):
    def keep_collections(self, declarations: Iterable[Declaration]) -> None:
        with self._explain_failures():
            keep_collections(self._connection, declarations)

    def insert(self, collection: str, document: Document) -> None:
        statements = self._prepare(collection)
        self._write(statements, statements.insert, _make_row(statements, document), document)
        self._write_terms(statements, document)

    def put(self, collection: str, document: Document) -> None:
        statements = self._prepare(collection)
        row = _make_row(statements, document)
        if statements.put_alike is None or not self._write(statements, statements.put_alike, row, document):
            self._write(statements, statements.put, row, document)
        self._rewrite_terms(statements, document, statements.terms)

    def _replace(self, collection: str, document: Document, former: Document) -> None:
        statements = self._prepare(collection)
        row = _make_row(statements, document)
        self._write(statements, *statements.update(row, former), document)
        self._rewrite_terms(statements, document, [name for name in statements.terms if former.get(name)])

    def append(self, collection: str, document: Document) -> int:
        statements = self._prepare(collection)
        check_numbered(statements.collection)
        rows, _ = self._run(statements.last_number, (collection,))
        number = int(rows[0][0]) + 1 if rows else 1
        numbered = {**document, statements.collection.key[0]: number}
        self._write(statements, statements.insert, _make_row(statements, numbered), numbered)
        self._write_terms(statements, numbered)
        return number

    def delete(self, collection: str, where: Mapping[str, Any]) -> int:
        _, number = self._run(*self._prepare(collection).delete(self._make_query(collection, where)))
        return number

    def commit(self) -> None:
        """Commit all changes or none."""
        self._run("COMMIT", ())

    def _write(
        self,
        statements: Statements,
        text: str,
        values: Sequence[str | int | float],
        document: Mapping[str, Any],
    ) -> int:
        """Execute a statement that writes a document, and return the number of changed rows."""
        try:
            return self._run(text, values)[1]
        except sqlite3.IntegrityError as error:
            raise _make_conflict_error(statements, error, document) from error

    def _rewrite_terms(
        self, statements: Statements, document: Mapping[str, Any], stored: Iterable[str]
    ) -> None:
        """Write the terms of a document; `stored` names the fields that may have stored terms."""
        for field in stored:
            key = convert_values([document[name] for name in statements.collection.key])
            self._run(statements.forget_terms[field], key)
        self._write_terms(statements, document)

    def _write_terms(self, statements: Statements, document: Mapping[str, Any]) -> None:
        for terms, insert in statements.insert_terms:
            for row in iter_term_rows(terms, document):
                self._run(insert, row)


class SQLiteStore(Store):
    """A store in one SQLite file, `sqlite:////absolute/path/qdash.db` or `sqlite:///relative/path/qdash.db`.

    `connections` are those of a file that `open` has prepared.
    """

    schemes = ("sqlite",)
    shared = True
    any_size = True

    def __init__(self, connections: Connections, *, read_only_file: Path | None = None) -> None:
        self._connections = connections
        self._read_only_file = read_only_file

    @classmethod
    def open(cls, url: str) -> SQLiteStore:
        path = parse_path(url)
        with _describe_failures(path):
            ensure_usable(path)
            if is_read_only(path):
                return cls._open_read_only(path)
            return cls(_prepare(path))

    @classmethod
    def open_file(cls, path: Path, *, temporary: bool = False) -> SQLiteStore:
        path = path.absolute()
        if not temporary:
            return cls.open(make_url(path))
        with _describe_failures(path):
            return cls(_prepare(path, private=True))

    @classmethod
    def list_files(cls, url: str) -> list[Path]:
        path = parse_path(url).resolve()
        return [file for end in _SUFFIXES if (file := path.with_name(f"{path.name}{end}")).is_file()]

    @classmethod
    def _open_read_only(cls, path: Path) -> SQLiteStore:
        """Open a file that cannot be written, or a private copy of it, which is deleted with the store."""
        if not needs_copy(path):
            with closing(connect(path, busy_timeout_s=BUSY_TIMEOUT_S, read_only=True)) as connection:
                version = read_version(connection)
                complete = version == SCHEMA_VERSION and not read_catalogue(connection).changes
            if version is None:
                raise make_read_only_error(path)
            if complete:
                connections = Connections(path, busy_timeout_s=BUSY_TIMEOUT_S, read_only=True)
                return cls(connections, read_only_file=path)
        folder = make_private_folder()
        try:
            store = cls(_prepare(copy_file(path, folder), private=True), read_only_file=path)
        except BaseException:
            rmtree(folder, ignore_errors=True)
            raise
        weakref.finalize(store, rmtree, folder, ignore_errors=True)
        return store

    @classmethod
    def place(cls, url: str) -> str:
        return str(parse_path(url).resolve())

    @classmethod
    def exists(cls, url: str) -> bool:
        path = parse_path(url)
        return path.exists() and not (path.is_file() and path.stat().st_size == 0)

    @classmethod
    def read_schema_version(cls, url: str) -> int | None:
        if not cls.exists(url):
            return None
        path = parse_path(url)
        with _describe_failures(path):
            ensure_usable(path)
            read_only = is_read_only(path)
            with closing(connect(path, busy_timeout_s=BUSY_TIMEOUT_S, read_only=read_only)) as connection:
                return read_version(connection)

    @classmethod
    def list_users(cls, url: str) -> list[str]:
        path = parse_path(url)
        if not cls.exists(url) or is_read_only(path):
            return []
        with _describe_failures(path):
            ensure_usable(path)
            return list_file_users(path)

    @classmethod
    def upgrade(cls, url: str) -> StoreUpgrade:
        path = parse_path(url)
        with _describe_failures(path):
            ensure_usable(path)
            if is_read_only(path):
                raise make_read_only_error(path)
            return upgrade_file(path)

    @classmethod
    def readable(cls, url: str, collection: str) -> Iterator[Document | None]:
        return iter_readable_documents(parse_path(url), collection)

    @classmethod
    def read_catalogue(cls, url: str) -> Catalogue:
        return Catalogue(iter_readable_entries(parse_path(url)))

    @contextmanager
    def read(self) -> Iterator[Snapshot]:
        with self._connections.lend() as connection:
            snapshot = _SQLiteSnapshot(connection, self._connections)
            self._begin(connection, "BEGIN")
            try:
                yield snapshot
            finally:
                snapshot.leave()

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[Transaction]:
        if self._read_only_file is not None:
            raise make_read_only_error(self._read_only_file)
        connections = self._connections
        wait_s = WRITE_WAIT_S if self.write_wait_s is None else self.write_wait_s
        deadline = time.monotonic() + wait_s
        with connections.lend() as connection:
            transaction = _SQLiteTransaction(connection, connections)
            if not connections.writing.acquire(timeout=wait_s):
                raise self._make_busy_error("a thread of this process", wait_s)
            try:
                with nullcontext() if durable else self._without_sync(connection):
                    self._begin_to_write(connection, wait_s, deadline)
                    try:
                        yield transaction
                        transaction.commit()
                    finally:
                        transaction.leave()
            finally:
                connections.writing.release()
        self.pass_on(transaction)

    def soundness(self, *, deep: bool = False, within_s: float | None = None) -> Soundness:
        return check_soundness(self._connections.path, deep=deep, within_s=within_s)

    def measure_size(self) -> StoreSize:
        path = self._connections.path
        files = (path, path.with_name(f"{path.name}-wal"))
        return StoreSize(sum(file.stat().st_size for file in files if file.exists()), path.parent)

    def close(self) -> None:
        self._connections.close()

    @contextmanager
    def _without_sync(self, connection: sqlite3.Connection) -> Iterator[None]:
        """Let commits return before they are on disk; a later synchronised commit makes them durable, too."""
        self._begin(connection, "PRAGMA synchronous = NORMAL")
        try:
            yield
        finally:
            with suppress(sqlite3.Error):  # the connection could not even roll back and was closed
                connection.execute(SYNCHRONISED)

    def _begin(self, connection: sqlite3.Connection, text: str) -> None:
        try:
            connection.execute(text)
        except sqlite3.Error as error:
            raise make_store_error(self._connections.path, error) from error

    def _begin_to_write(self, connection: sqlite3.Connection, limit_s: float, deadline: float) -> None:
        timeout_s = BUSY_TIMEOUT_S  # of each connection between transactions
        try:
            for attempts_left in range(_ATTEMPTS, 0, -1):
                # Rounded, since each distinct text is cached as a prepared statement.
                wait_s = round(max(0.0, deadline - time.monotonic()) / attempts_left, 1)
                if wait_s != timeout_s:
                    self._begin(connection, _format_busy_timeout(wait_s))
                    timeout_s = wait_s
                try:
                    connection.execute("BEGIN IMMEDIATE")
                    return
                except sqlite3.Error as error:
                    if not is_busy(error):
                        raise make_store_error(self._connections.path, error) from error
            raise self._make_busy_error("another process", limit_s)
        finally:
            if timeout_s != BUSY_TIMEOUT_S:
                with suppress(sqlite3.Error):
                    connection.execute(_format_busy_timeout(BUSY_TIMEOUT_S))

    def _make_busy_error(self, holder: str, wait_s: float) -> StoreUnavailableError:
        return StoreUnavailableError(
            f"{self._connections.path}: {holder} has been writing for {wait_s:g} s; nothing was written, try again"
        )


def _prepare(path: Path, *, private: bool = False) -> Connections:
    """Create or upgrade the store in the file, and return connections to it. Of several concurrent processes, one does it.

    A private file is migrated without a copy.
    """
    # SQLite would create the file by the umask; `-wal` and `-shm` get its mode.
    ensure_file(path)
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        connection = connect(path, busy_timeout_s=BUSY_TIMEOUT_S)
        try:
            if private or read_version(connection) in {None, SCHEMA_VERSION}:
                connection.execute("PRAGMA journal_mode = WAL")
                migrate_file(connection)
                update_collections(connection)
                return Connections(path, busy_timeout_s=BUSY_TIMEOUT_S, first=connection)
            connection.close()
            upgrade = upgrade_file(path)
            if upgrade.copy:
                logger.warning(
                    "the store %s was upgraded from schema %d to %d; its copy from before is %s",
                    path, upgrade.before, upgrade.after, upgrade.copy,
                )  # fmt: skip
            continue
        except BaseException as error:
            connection.close()
            busy = isinstance(error, sqlite3.OperationalError) and is_busy(error)
            if not busy or time.monotonic() > deadline:
                raise
        time.sleep(_OPENING_PAUSE_S)


@contextmanager
def _describe_failures(path: Path) -> Iterator[None]:
    """Convert the failures of a block that opens a file."""
    try:
        yield
    except (StoreError, OSError, sqlite3.Error) as error:
        kind = StoreUnavailableError if is_transient(error) else StoreError
        raise kind(f"cannot open the store {path}: {_describe_error(error)}") from error


def _format_busy_timeout(seconds: float) -> str:
    return f"PRAGMA busy_timeout = {seconds * 1000:.0f}"


def _make_row(statements: Statements, document: Mapping[str, Any]) -> list[str | int | float]:
    collection = statements.collection
    return make_row(collection, document, encode_for(collection.name, document))


def _describe_error(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{error.strerror or error} ({error.filename}); name a place that can be written"
    if isinstance(error, sqlite3.Error) and is_busy(error):
        return f"another process has locked it for {BUSY_TIMEOUT_S:g} s, as for an upgrade; wait for that, then try again"
    if isinstance(error, sqlite3.Error):
        return f"{error}; {DAMAGED if is_damage(error) else 'look at the file and its disk, or name another file'}"
    return str(error)


def _make_conflict_error(
    statements: Statements, error: sqlite3.IntegrityError, document: Mapping[str, Any]
) -> ConflictError:
    """Return the conflict that SQLite reports, as in `UNIQUE constraint failed: user.user_id`."""
    named = str(error).rpartition(": ")[2].split(", ")
    return make_conflict_error(
        statements.collection, [column.rpartition(".")[2] for column in named], document
    )
