"""Commit groups: one commit for several threads, and each of their transactions whole or absent."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier, Event
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qdash_core.errors import StoreUnavailableError
from qdash_sqlite.file import make_url
from qdash_sqlite.store import SQLiteStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future
    from pathlib import Path

PATIENCE_S = 30.0


class RefusedError(Exception):
    """Raised to roll a transaction back."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "qdash.db"


@pytest.fixture
def store(path: Path) -> Iterator[SQLiteStore]:
    opened = SQLiteStore.open(make_url(path))
    yield opened
    opened.close()


class Commits:
    """Commits of the connections of a store, counted, or failed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.number = 0
        self.failure: str | None = None
        commits = self

        class Connection(sqlite3.Connection):
            def execute(self, text: str, *values: Any) -> sqlite3.Cursor:
                if text == "COMMIT":
                    commits.number += 1
                    if commits.failure is not None:
                        raise sqlite3.OperationalError(commits.failure)
                return super().execute(text, *values)

        def connect(path: Path, **_: Any) -> sqlite3.Connection:
            return sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=Connection)

        monkeypatch.setattr("qdash_sqlite.connections.connect", connect)


def write(
    store: SQLiteStore, name: str, act: Callable[[], None] = lambda: None, *, durable: bool = True
) -> str:
    """Write two documents in one transaction, which calls `act` between; return the name."""
    with store.transaction(durable=durable) as transaction:
        transaction.put("user", {"username": name})
        act()
        transaction.append("event", {"project_id": "p", "name": name})
    return name


def run_in_one_group(store: SQLiteStore, *writers: Callable[[Callable[[], None]], str]) -> list[Future[str]]:
    """Call the first writer with a wait until the others queue; the order of the others is any."""
    begun = Event()

    def wait_for_others() -> None:
        begun.set()
        deadline = Event()
        while store._connections.waiting < len(writers) - 1:
            deadline.wait(0.001)

    with ThreadPoolExecutor(len(writers)) as threads:
        first = threads.submit(writers[0], wait_for_others)
        assert begun.wait(PATIENCE_S)
        return [first, *(threads.submit(writer, lambda: None) for writer in writers[1:])]


def list_names(path: Path) -> list[str]:
    """Return the users, which are those of the events."""
    with closing(SQLiteStore.open(make_url(path))) as store, store.read() as snapshot:
        users = [one["username"] for one in snapshot.find("user", {}, order=("username",))]
        events = snapshot.find("event", {"project_id": "p"}, order=("seq",))
    assert sorted(one["name"] for one in events) == users
    assert [one["seq"] for one in events] == [*range(1, len(events) + 1)]
    return users


def test_threads_that_wait_to_write_share_a_commit(
    store: SQLiteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits = Commits(monkeypatch)
    store._connections.before_fork()
    store._connections.after_fork_in_parent()
    names = [f"n{number}" for number in range(6)]
    writers = [lambda act, name=name: write(store, name, act) for name in names]
    assert [one.result(PATIENCE_S) for one in run_in_one_group(store, *writers)] == names
    assert commits.number == 1
    assert list_names(path) == names


def test_nobody_returns_before_the_commit(store: SQLiteStore, path: Path) -> None:
    """The first transaction has been left while the second one still writes: what it wrote is not visible yet."""
    seen: list[Sequence[str]] = []
    may_end = Event()

    def write_second(_: Callable[[], None]) -> str:
        def look() -> None:
            may_end.wait(0.1)
            seen.append(list_names(path))

        return write(store, "second", look)

    first, second = run_in_one_group(store, lambda act: write(store, "first", act), write_second)
    assert (first.result(PATIENCE_S), second.result(PATIENCE_S)) == ("first", "second")
    assert seen == [[]]
    assert list_names(path) == ["first", "second"]


def test_a_failed_commit_fails_all_and_writes_nothing(
    store: SQLiteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits = Commits(monkeypatch)
    store._connections.before_fork()
    store._connections.after_fork_in_parent()
    commits.failure = "disk I/O error"
    writers = [lambda act, name=name: write(store, name, act) for name in ("ann", "bob", "cat")]
    for future in run_in_one_group(store, *writers):
        assert "nothing was written" in str(future.exception(PATIENCE_S))
    commits.failure = None
    assert list_names(path) == []
    assert write(store, "dan") == "dan"


def test_a_full_disk_fails_the_group_or_its_own_transaction_and_nothing_is_half_written(
    store: SQLiteStore, path: Path
) -> None:
    write(store, "ann")
    with store._connections.lend() as connection:
        [(pages,)] = connection.execute("PRAGMA page_count")
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")

    def fill(_: Callable[[], None]) -> str:
        with store.transaction() as transaction:
            transaction.put("user", {"username": "big", "filling": "x" * 1_000_000})
        return "big"

    first, second = run_in_one_group(store, lambda act: write(store, "bob", act), fill)
    assert isinstance(second.exception(PATIENCE_S), StoreUnavailableError)
    kept = ["ann"] if first.exception(PATIENCE_S) else ["ann", "bob"]
    assert list_names(path) == kept
    if first.exception() is not None:
        assert "nothing was written" in str(first.exception())


def test_a_durable_transaction_does_not_rely_on_a_commit_that_does_not_wait(
    store: SQLiteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits = Commits(monkeypatch)
    store._connections.before_fork()
    store._connections.after_fork_in_parent()
    run_in_one_group(
        store, lambda act: write(store, "ann", act, durable=False), lambda act: write(store, "bob", act)
    )
    assert commits.number == 2, "SQLite cannot make a begun transaction durable"
    run_in_one_group(
        store, lambda act: write(store, "cat", act), lambda act: write(store, "dan", act, durable=False)
    )
    assert commits.number == 3
    assert list_names(path) == ["ann", "bob", "cat", "dan"]


@settings(
    max_examples=settings().max_examples // 8, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=12))
def test_each_transaction_is_whole_or_absent_whatever_the_others_do(
    tmp_path_factory: pytest.TempPathFactory, cases: list[tuple[bool, bool]]
) -> None:
    """Threads begin at one time; some transactions are refused, some need not be durable."""
    path = tmp_path_factory.mktemp("store") / "qdash.db"
    together = Barrier(len(cases))

    def refuse() -> None:
        raise RefusedError

    def run(number: int) -> str | None:
        refused, durable = cases[number]
        together.wait(PATIENCE_S)
        try:
            return write(store, f"{number:02}", refuse if refused else lambda: None, durable=durable)
        except RefusedError:
            return None

    with closing(SQLiteStore.open(make_url(path))) as store, ThreadPoolExecutor(len(cases)) as threads:
        acknowledged = list(threads.map(run, range(len(cases))))
        assert store._group is not None
        assert store._group.ended
        assert not store._connections.writing.locked()
    assert list_names(path) == [name for name in acknowledged if name is not None]
    assert [name is None for name in acknowledged] == [refused for refused, _ in cases]
