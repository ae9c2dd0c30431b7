"""SQLite store: its file, versions, query plans, and kills."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from qdash_core.errors import ConflictError, StoreError, StoreUnavailableError
from qdash_core.repositories.queries import make_query
from qdash_core.repositories.schema import COLLECTIONS, SCHEMA_VERSION
from qdash_core.repositories.store import Has, Range, Words
from qdash_sqlite.file import make_url, parse_path
from qdash_sqlite.statements import prepare_statements
from qdash_sqlite.store import SQLiteStore
from qdash_sqlite.versions import migrate_file
from qdash_testing.store_samples import nest_fields

from ..core.forked_programs import ForkedProgram, run_forked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.repositories.collection import Collection


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "qdash.db"


@pytest.fixture
def store(path: Path) -> Iterator[SQLiteStore]:
    store = SQLiteStore.open(make_url(path))
    yield store
    store.close()


def read_contents(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in path.parent.iterdir()}


def test_a_closed_file_has_no_remnants_of_replaced_and_deleted_texts(path: Path, store: SQLiteStore) -> None:
    def put(text: str) -> None:
        with store.transaction() as transaction:
            transaction.put("conversation_message", {**key, "answer": text})

    key = {"project_id": "lab", "conversation_id": "5f0c2a9d1b7e", "number": 1}
    put("An early text. " * 1_000)
    put("Later words. " * 5_000)
    store.close()
    assert b"Later words." in path.read_bytes()
    assert b"early text" not in path.read_bytes()
    store = SQLiteStore.open(make_url(path))
    with store.transaction() as transaction:
        transaction.delete("conversation_message", key)
    store.close()
    assert b"Later words." not in path.read_bytes()


# The URL and the file


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("sqlite:////data/qdash.db", "/data/qdash.db"),
        ("sqlite:////data/my%20lab/100%25%3F.db", "/data/my lab/100%?.db"),
        ("sqlite:////data/my lab/qdash.db", "/data/my lab/qdash.db"),
    ],
)
def test_a_url_names_a_file(url: str, name: str) -> None:
    assert parse_path(url) == Path(name)
    assert parse_path(make_url(Path(name))) == Path(name)


def test_a_relative_url_begins_in_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert parse_path("sqlite:///sub/qdash.db") == tmp_path / "sub" / "qdash.db"


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://host/qdash.db", "sqlite://qdash.db", "sqlite:qdash.db", "sqlite:////data/a.db?mode=ro", "sqlite:////data/a.db?",
        "sqlite:////data/a.db#x", "sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:////a%00b", "sqlite://[/x", "qdash.db",
    ],
)  # fmt: skip
def test_a_url_that_says_anything_else_is_refused(url: str) -> None:
    with pytest.raises(StoreError, match="cannot open"):
        SQLiteStore.open(url)


def test_a_file_of_a_newer_version_is_refused_and_left_as_it_is(path: Path, store: SQLiteStore) -> None:
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    before = read_contents(path)
    with pytest.raises(StoreError, match=rf"{path}.*newer QDash.*upgrade"):
        SQLiteStore.open(make_url(path))
    assert read_contents(path) == before


def test_a_newer_version_that_is_only_in_the_log_yet_is_refused(path: Path, store: SQLiteStore) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
        with pytest.raises(StoreError, match="newer QDash"):
            SQLiteStore.open(make_url(path))


@pytest.mark.parametrize("content", [b"hello", b"# notes\n" * 100, b"SQLite format 3\0"])
def test_a_file_that_is_not_a_database_is_refused_and_left_as_it_is(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StoreError, match=rf"{path}.*not an SQLite database"):
        SQLiteStore.open(make_url(path))
    assert read_contents(path) == {"qdash.db": content}


def test_a_database_with_a_torn_header_is_refused(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + b"x" * 1000)
    with pytest.raises(StoreError, match="cannot open the store"):
        SQLiteStore.open(make_url(path))


@pytest.mark.parametrize("application_id", [0, 77])
def test_the_database_of_another_program_is_refused_and_left_as_it_is(
    path: Path, application_id: int
) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
        connection.execute(f"PRAGMA application_id = {application_id}")
    before = read_contents(path)
    with pytest.raises(StoreError, match="another program"):
        SQLiteStore.open(make_url(path))
    assert read_contents(path) == before


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="not a file"):
        SQLiteStore.open(make_url(tmp_path))
    assert not [*tmp_path.iterdir()]


def test_a_place_below_a_file_is_refused(path: Path) -> None:
    path.write_bytes(b"")
    with pytest.raises(StoreError, match="can be written"):
        SQLiteStore.open(make_url(path / "sub" / "qdash.db"))
    assert read_contents(path) == {"qdash.db": b""}


def test_a_place_without_permission_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda place, mode: False)
    with pytest.raises(StoreError, match="is not writable"):
        SQLiteStore.open(make_url(path))
    assert read_contents(path) == {}


def test_an_empty_file_becomes_a_store(path: Path) -> None:
    path.touch()
    store = SQLiteStore.open(make_url(path))
    with store.transaction() as transaction:
        transaction.put("user", {"username": "ann"})
    store.close()


def test_a_file_that_was_taken_away_is_not_made_again_in_silence(path: Path, store: SQLiteStore) -> None:
    path.unlink()
    with pytest.raises(StoreError, match=f"{path} is no longer there"), store.read():
        pass
    assert not path.exists()


# Versions


def list_tables(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_migrations_run_in_turn_in_one_transaction_and_are_analysed(path: Path, store: SQLiteStore) -> None:
    with store.transaction() as transaction:
        transaction.put("user", {"username": "ann"})
    steps = {
        SCHEMA_VERSION: lambda connection: connection.execute("CREATE TABLE first (x)"),
        SCHEMA_VERSION + 1: lambda connection: connection.execute("ALTER TABLE first RENAME TO second"),
    }
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrate_file(connection, version=SCHEMA_VERSION + 2, migrations=steps)
        assert "second" in list_tables(connection)
        assert connection.execute("SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'user'").fetchone()[0] > 0
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION + 2,)


def test_a_migration_that_fails_changes_nothing(path: Path, store: SQLiteStore) -> None:
    steps = {SCHEMA_VERSION: lambda connection: connection.execute("CREATE TABLE first (x)")}
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        with pytest.raises(StoreError, match=f"no migration from schema {SCHEMA_VERSION + 1}"):
            migrate_file(connection, version=SCHEMA_VERSION + 2, migrations=steps)
        assert "first" not in list_tables(connection)
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)


# Plans


def iter_index_uses(collection: Collection) -> Iterator[tuple[dict[str, Any], tuple[str, ...]]]:
    """Yield every use of a declared index or the key: its first fields are fixed, and the rest is the order."""
    for index in (collection.key, *collection.indexes):
        yield from list_index_uses(index, {})
    for field, index in collection.partial.items():
        yield from list_index_uses(index, {field: Range()}, least=len(index) - 1)
    for fields in collection.unique:
        yield {field: sample(field) for field in fields}, ()


def list_index_uses(
    index: tuple[str, ...], always: dict[str, Any], *, least: int = 1
) -> Iterator[tuple[dict[str, Any], tuple[str, ...]]]:
    for fixed in range(least, len(index) + 1):
        where = {**always, **{field.lstrip("-"): sample(field) for field in index[:fixed]}}
        yield where, index[fixed:]
        if fixed < len(index):
            yield {**where, index[fixed].lstrip("-"): Range(above=1, below=2)}, index[fixed:]


def sample(field: str) -> object:
    return 1 if field.lstrip("-") == "seq" else "x"


def plan_of(
    connection: sqlite3.Connection, collection: Collection, where: dict[str, Any], **asked: Any
) -> str:
    text, values = prepare_statements(collection).find(make_query(collection, where, limit=50, **asked))
    return " / ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", values))


def test_every_question_that_is_declared_uses_an_index(
    store: SQLiteStore, path: Path, subtests: pytest.Subtests
) -> None:
    with store.transaction() as transaction:
        for name, collection in COLLECTIONS.items():
            for number in range(1, 50):  # enough for statistics of ANALYZE
                fields = nest_fields(dict.fromkeys(collection.fields, f"{number}"))
                transaction.put(name, {**fields, **({"seq": number} if collection.numbered else {})})
    with closing(sqlite3.connect(path)) as connection:
        for prepare in ("SELECT 1", "ANALYZE"):
            connection.execute(prepare)
            for name, collection in COLLECTIONS.items():
                with subtests.test(name, prepare=prepare):
                    assert_index_uses(connection, collection)


def assert_index_uses(connection: sqlite3.Connection, collection: Collection) -> None:
    for where, order in iter_index_uses(collection):
        behind = [sample(field) for field in (*order, *collection.key)]
        whole_key = where.keys() >= {*collection.key}  # then nothing follows it
        for after in (None,) if whole_key else (None, behind):
            plan = plan_of(connection, collection, where, order=order, after=after)
            assert "SEARCH" in plan, (where, order, plan)
            assert "SCAN" not in plan, (where, order, plan)
            at_most_one = any(where.keys() >= {*fields} for fields in collection.unique)
            # Flat documents are sorted where the fields of the index are equal.
            sorts = "TEMP B-TREE FOR ORDER BY" if collection.flat and order else "TEMP B-TREE"
            assert at_most_one or (collection.flat and not order) or sorts not in plan, (where, order, plan)


def test_an_index_that_a_newer_version_adds_is_analysed_where_the_others_are(
    store: SQLiteStore, path: Path
) -> None:
    collection = COLLECTIONS["value_change"]
    with store.transaction() as transaction:
        for number in range(1, 200):
            change = {**dict.fromkeys(collection.fields, "x"), "number": number, "qid": f"{number % 16}"}
            transaction.put("value_change", change)
    store.close()
    added = len(collection.indexes) - 1
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f'DROP INDEX "value_change_{added}"')
        connection.execute(
            "UPDATE qdash_catalogue SET declaration = json_remove(declaration, ?) WHERE name = 'value_change'",
            (f"$.indexes[{added}]",),
        )
        connection.execute("ANALYZE")
    SQLiteStore.open(make_url(path)).close()
    with closing(sqlite3.connect(path)) as connection:
        plan = plan_of(connection, collection, {"project_id": "x"}, order=("-number", "-qid"))
    assert "TEMP B-TREE" not in plan


def test_words_are_looked_up_by_an_index(store: SQLiteStore, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        where = {"project_id": "p", "content": Words("warm cryostat")}
        plan = plan_of(connection, COLLECTIONS["note_event"], where, order=("-created_at",))
    assert "SCAN" not in plan, plan
    assert "SEARCH note_event_words USING PRIMARY KEY (word=?)" in plan, plan
    assert "SEARCH other USING PRIMARY KEY (word=? AND seq=?)" in plan, plan


def test_a_page_of_what_words_find_is_neither_sorted_nor_searched_for_in_documents(
    store: SQLiteStore, path: Path
) -> None:
    where = {"project_id": "p", "chip_id": "c", "message": Words("no decay")}
    with closing(sqlite3.connect(path)) as connection:
        for after in (None, ["2026", "p", "1"]):
            plan = plan_of(
                connection, COLLECTIONS["task_result_history"], where, order=("-start_at",), after=after
            )
            assert plan.startswith(
                "SEARCH task_result_history_words USING PRIMARY KEY (word=? AND project_id=?"
            )
            assert "SCAN" not in plan, plan
            assert "TEMP B-TREE" not in plan, plan


@pytest.mark.parametrize("name", ["task_result_history", "execution_history", "cooldown"])
def test_a_page_of_what_has_a_member_is_neither_sorted_nor_searched_for_in_documents(
    store: SQLiteStore, path: Path, name: str
) -> None:
    [index] = COLLECTIONS[name].list_indexes
    [members] = COLLECTIONS[name].lists
    order = index[-1]
    with closing(sqlite3.connect(path)) as connection:
        for wanted in (Has("a"), Has("a", ("longer",))):
            where = {"project_id": "p", members: wanted}
            for after in (None, ["2026", "p", "1"]):
                plan = plan_of(connection, COLLECTIONS[name], where, order=(order,), after=after)
                assert plan.startswith(f"SEARCH {name}_{members} USING PRIMARY KEY (word=? AND project_id=?")
                assert "SCAN" not in plan, plan
                assert "TEMP B-TREE" not in plan, plan


def test_walking_through_a_whole_collection_seeks_each_page_by_the_whole_key(
    store: SQLiteStore, path: Path
) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for collection in COLLECTIONS.values():
            plan = plan_of(connection, collection, {}, after=[sample(field) for field in collection.key])
            assert plan.startswith("SEARCH")
            assert all(field in plan for field in collection.key if field != "seq"), plan


# Failures


WRITER = """
import os, sys, threading
from qdash_sqlite.store import SQLiteStore
store = SQLiteStore.open(sys.argv[1])
def write():
    while True:
        with store.transaction() as transaction:
            seq = transaction.append("event", {"project_id": "p", "filling": "x" * 500})
            transaction.put("user", {"username": "last", "seq": seq})
        os.write(1, b"%d\\n" % seq)
for _ in range(int(sys.argv[2]) - 1):
    threading.Thread(target=write).start()
write()
"""


def write_until_killed(path: Path, *, threads: int, at_least: int) -> list[int]:
    """Make two processes write in threads, kill them after a number of acknowledgements, and return all acknowledged
    numbers.
    """
    reading, writing = os.pipe()
    writers = [ForkedProgram(WRITER, make_url(path), str(threads), stdout=writing) for _ in range(2)]
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        lines = [pipe.readline() for _ in range(at_least)]
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
        lines += pipe.readlines()
    for writer in writers:
        assert writer.wait() == -signal.SIGKILL
    return [int(line) for line in lines]


@pytest.mark.parametrize("threads", [1, 6])
def test_what_was_acknowledged_survives_kill_9(path: Path, threads: int) -> None:
    acknowledged = [
        number for _ in range(5) for number in write_until_killed(path, threads=threads, at_least=80)
    ]
    store = SQLiteStore.open(make_url(path))
    with store.read() as snapshot:
        numbers = [event["seq"] for event in snapshot.find("event", {})]
        assert snapshot.get("user", ("last",)) == {"username": "last", "seq": numbers[-1]}
    store.close()
    assert len(set(acknowledged)) == len(acknowledged) >= 400
    assert set(acknowledged) <= set(numbers)
    assert numbers == [*range(1, len(numbers) + 1)]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_full_disk_is_told_and_writes_nothing_and_the_store_goes_on(
    store: SQLiteStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.transaction() as transaction:
        transaction.put("user", {"username": "ann"})
    fill = {"username": "bob", "filling": "x" * 1_000_000}
    with store._connections.lend() as connection:
        [(pages,)] = connection.execute("PRAGMA page_count")
        connection.execute(f"PRAGMA max_page_count = {pages + 5}")

    def write_too_much() -> None:
        with store.transaction() as transaction:
            transaction.put("user", {"username": "cat"})
            transaction.put("user", fill)

    def go_on_after_the_failure() -> None:
        with store.transaction() as transaction:
            transaction.put("user", {"username": "cat"})
            with pytest.raises(StoreError, match="full"):
                transaction.put("user", fill)
            with pytest.raises(StoreUnavailableError, match="earlier statement"):
                transaction.put("user", {"username": "dan"})

    with pytest.raises(StoreError, match=rf"{path}.*full.*nothing was written"):
        write_too_much()
    with pytest.raises(StoreError, match=r"earlier statement.*nothing was written"):
        go_on_after_the_failure()
    with store.transaction() as transaction:
        assert transaction.find("user", {}) == [{"username": "ann"}]
        transaction.put("user", {"username": "eve"})
    with store.read() as snapshot:
        assert snapshot.count("user", {}) == 2


def test_a_commit_that_fails_is_told_and_writes_nothing_and_the_store_goes_on(
    store: SQLiteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing(sqlite3.Connection):
        def execute(self, text: str, *values: Any) -> sqlite3.Cursor:
            if text == "COMMIT":
                raise sqlite3.OperationalError("disk I/O error")
            return super().execute(text, *values)

    def failing(path: Path, **_: Any) -> sqlite3.Connection:
        return sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=Failing)

    def close_idle_connections() -> None:
        store._connections.before_fork()
        store._connections.after_fork_in_parent()

    with monkeypatch.context() as patch:
        patch.setattr("qdash_sqlite.connections.connect", failing)
        close_idle_connections()
        with (
            pytest.raises(StoreError, match="disk I/O error; nothing was written"),
            store.transaction() as transaction,
        ):
            transaction.put("user", {"username": "ann"})
    close_idle_connections()  # the failing one, too
    with store.transaction() as transaction:
        assert transaction.count("user", {}) == 0
        transaction.put("user", {"username": "bob"})


def test_after_a_conflict_the_transaction_goes_on(store: SQLiteStore) -> None:
    with store.transaction() as transaction:
        transaction.insert("user", {"username": "ann", "user_id": "1"})
        with pytest.raises(ConflictError):
            transaction.put("user", {"username": "bob", "user_id": "1"})
        transaction.put("user", {"username": "bob", "user_id": "2"})
    with store.read() as snapshot:
        assert snapshot.count("user", {}) == 2


# Concurrency


def test_a_reader_does_not_wait_for_a_writer_nor_a_writer_for_a_reader(store: SQLiteStore) -> None:
    def count() -> int:
        with store.read() as snapshot:
            return snapshot.count("user", {})

    def write() -> None:
        with store.transaction() as transaction:
            transaction.put("user", {"username": "bob"})

    with ThreadPoolExecutor(1) as pool:
        with store.transaction() as transaction:
            transaction.put("user", {"username": "ann"})
            assert pool.submit(count).result(timeout=5) == 0
        with store.read() as snapshot:
            assert snapshot.count("user", {}) == 1
            pool.submit(write).result(timeout=5)
            assert snapshot.count("user", {}) == 1
    assert count() == 2


def test_a_store_that_another_process_keeps_locked_says_so(store: SQLiteStore, path: Path) -> None:
    store.write_wait_s = 0.05
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another process has been writing"), store.transaction():
            pass
        other.execute("ROLLBACK")
    with store.transaction() as transaction:
        transaction.put("user", {"username": "ann"})


def test_threads_that_end_leave_no_connections_behind(store: SQLiteStore) -> None:
    def write(number: int) -> None:
        with store.transaction() as transaction:
            transaction.put("user", {"username": str(number)})

    for number in range(30):
        thread = Thread(target=write, args=(number,))
        thread.start()
        thread.join()
    assert len(store._connections._idle) == 1


def test_closing_waits_for_nobody_and_breaks_nothing_that_has_begun(path: Path) -> None:
    store = SQLiteStore.open(make_url(path))
    with store.transaction() as transaction:
        store.close()
        transaction.put("user", {"username": "ann"})
    assert [file.name for file in path.parent.iterdir()] == ["qdash.db"]


WRITING = """
import sys
from qdash_sqlite.store import SQLiteStore
store = SQLiteStore.open(sys.argv[1])
with store.transaction() as transaction:
    transaction.append("event", {"project_id": "p", "text": "of another process"})
store.close()
"""


def test_a_store_that_is_opened_twice_keeps_its_locks(path: Path) -> None:
    store = SQLiteStore.open(make_url(path))
    with store.transaction() as transaction:
        transaction.append("event", {"project_id": "p", "text": "before"})
    SQLiteStore.open(make_url(path)).close()
    subprocess.run([sys.executable, "-c", WRITING, make_url(path)], check=True, timeout=60)
    # The last process to close a store removes its log; the other process was not the last.
    assert path.with_name("qdash.db-wal").exists()
    with store.transaction() as transaction:
        transaction.append("event", {"project_id": "p", "text": "after"})
    store.close()
    again = SQLiteStore.open(make_url(path))
    with again.read() as snapshot:
        found = [event["text"] for event in snapshot.find("event", {})]
    again.close()
    assert found == ["before", "of another process", "after"]


FORKING = """
import os, sys
from qdash_sqlite.store import SQLiteStore
from qdash_core.errors import StoreError

def write(begin, end):
    for number in range(begin, end):
        with store.transaction() as transaction:
            transaction.append("event", {"project_id": "p", "number": number})

store = SQLiteStore.open(sys.argv[1])
write(0, 10)
child = os.fork()
if child:
    write(10, 15)
    store.close()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
else:
    write(15, 200)
    store.close()
    sys.exit(0)

store = SQLiteStore.open(sys.argv[1])
with store.transaction() as transaction:
    transaction.append("event", {"project_id": "p", "number": 200})
    child = os.fork()
    if not child:
        try:
            transaction.append("event", {"project_id": "p", "number": 300})
        except StoreError as error:
            assert "forked" in str(error), error
            try:
                with store.read():
                    os._exit(1)
            except StoreError as again:
                os._exit(0 if "nest" in str(again) else 2)
        os._exit(3)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
store.close()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this platform")
def test_a_forked_child_works_with_connections_of_its_own(path: Path) -> None:
    run_forked(FORKING, make_url(path))
    store = SQLiteStore.open(make_url(path))
    with store.read() as snapshot:
        numbers = [event["number"] for event in snapshot.find("event", {})]
    store.close()
    assert sorted(numbers) == [*range(201)]


FORKING_AT_THE_SAME_TIME = """
import os
import sys
from concurrent.futures import ThreadPoolExecutor

from qdash_sqlite.store import SQLiteStore

sys.setswitchinterval(1e-6)
stores = [SQLiteStore.open(sys.argv[1]) for _ in range(8)]


def fork(_):
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


with ThreadPoolExecutor(4) as threads:
    list(threads.map(fork, range(50)))
for store in stores:
    with store.transaction() as transaction:
        transaction.find("event", {})
os._exit(0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this platform")
def test_threads_fork_at_the_same_time(path: Path) -> None:
    command = [sys.executable, "-c", FORKING_AT_THE_SAME_TIME, make_url(path)]
    subprocess.run(command, check=True, timeout=60)


def test_a_durable_transaction_waits_for_the_disk_also_after_one_that_does_not(tmp_path: Path) -> None:
    """Synchronisation is invisible from outside, so the commit mode of the connection is queried."""
    store = SQLiteStore.open(f"sqlite:///{tmp_path}/qdash.db")

    def synchronous() -> int:
        with store._connections.lend() as connection:
            return int(connection.execute("PRAGMA synchronous").fetchone()[0])

    full = 2
    assert synchronous() == full
    with store.transaction(durable=False) as transaction:
        transaction.put("user", {"username": "ann"})
    assert synchronous() == full
    with pytest.raises(ConflictError), store.transaction(durable=False) as transaction:
        transaction.insert("user", {"username": "ann"})
    assert synchronous() == full
    store.close()
