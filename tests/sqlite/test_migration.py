"""Migration of an SQLite file from an older version: the same documents, with all current indexes."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.issues.model import IssueModel
from qdash_builtin.issues.repository import IssueRepository
from qdash_core.process.clock import utc_now
from qdash_core.record.orphans import list_orphans
from qdash_core.repositories.documents import encode, make_brief
from qdash_core.repositories.executions import ExecutionLockRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.schema import COLLECTIONS, SCHEMA_VERSION
from qdash_core.repositories.store import Has, Range, Words
from qdash_sqlite.file import make_url
from qdash_sqlite.schema import NONE
from qdash_sqlite.store import SQLiteStore
from qdash_sqlite.versions import APPLICATION_ID

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLES_OF_1 = (Path(__file__).parent / "schema_1.sql").read_text()
"""Statements that created the tables of version 1."""

NOTED = {"content": "noisy", "updated_by": "ann", "updated_at": "2026-01-02T12:00:00.000000Z"}
DOCUMENTS: list[tuple[str, dict[str, Any]]] = [
    ("project", {"project_id": "p", "owner_username": "ann", "name": "n", "owner_user_id": "1"}),
    ("execution_lock", {"project_id": "p", "owner": "somebody", "process_start": 0.1}),
    ("execution_history", {"project_id": "p", "execution_id": "e", "start_at": None, "tags": ["day"]}),
    ("task_result_history", {"project_id": "p", "task_id": "t", "chip_id": "c", "cooldown_id": None}),
    (
        "task_result_history",
        {
            "project_id": "p",
            "task_id": "u",
            "execution_id": "e",
            "username": "ann",
            "chip_id": "c",
            "cooldown_id": "cd",
            "tags": ["day", "cold"],
            "user_note": NOTED,
        },
    ),
    (
        "task_result_history",
        {"project_id": "p", "task_id": "v", "chip_id": "d", "cooldown_id": None, "message": "No decay"},
    ),
    ("task", {"project_id": "p", "backend": None, "name": "CheckT1", "description": "μs"}),
    ("event", {"seq": 7, "project_id": "p", "kind": "task.completed"}),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file in the format of version 1."""
    path = tmp_path / "qdash.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(TABLES_OF_1)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 1")
        connection.execute("PRAGMA journal_mode = WAL")
        for collection, document in DOCUMENTS:
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({collection})")]
            values = [encode(document) if name == "doc" else read_field(document, name) for name in columns]
            places = ", ".join("?" * len(columns))
            connection.execute(f'INSERT INTO "{collection}" VALUES ({places})', values)
        connection.commit()
    return path


def read_field(document: dict[str, Any], field: str) -> object:
    return NONE if document.get(field) is None else document[field]


@pytest.fixture
def store(path: Path) -> Iterator[SQLiteStore]:
    store = SQLiteStore.open(make_url(path))
    yield store
    store.close()


def test_every_document_is_there_but_the_lock_which_has_no_instrument(store: SQLiteStore) -> None:
    with store.read() as snapshot:
        found = [(name, document) for name in COLLECTIONS for document in snapshot.find(name, {})]
    wanted = [
        (name, {**document, "cooldown_id": "cd"} if name == "execution_history" else document)
        for name, document in DOCUMENTS
        if name != "execution_lock"
    ]
    assert sorted(found, key=json.dumps) == sorted(wanted, key=json.dumps)


def test_what_is_new_can_be_asked_for(store: SQLiteStore) -> None:
    with store.transaction() as transaction:
        for owner in ("a", "b"):
            transaction.put("execution_lock", {"instrument": "i", "owner": owner, "project_id": "p"})
        assert transaction.count("execution_lock", {"project_id": "p"}) == 2
        noted = {"project_id": "p", "chip_id": "c", "user_note.updated_at": Range()}
        assert [found["task_id"] for found in transaction.find("task_result_history", noted)] == ["u"]
        cooled = {"project_id": "p", "cooldown_id": "cd"}
        assert transaction.count("task_result_history", cooled) == 1
        assert transaction.count("execution_history", {"flow_run_id": None}) == 1
        assert transaction.count("execution_history", cooled) == 1
        assert transaction.count("execution_history", {"tags": Has("day")}) == 1
        for asked in ({"username": "ann"}, {"tags": Has("day", ("cold",))}):
            assert transaction.count("task_result_history", {"project_id": "p", **asked}) == 1
        assert transaction.append("event", {"project_id": "p"}) == 8
        transaction.append("note_event", {"project_id": "p", "content": "noisy"})
        assert transaction.count("note_event", {"content": Words("Noisy")}) == 1
        assert transaction.count("cooldown", {"chip_ids": Has("c")}) == 0


def test_old_results_have_briefs(store: SQLiteStore) -> None:
    with store.read() as snapshot:
        found = snapshot.find("task_result_history", {})
        briefs = snapshot.read_briefs("task_result_history", {})
    assert briefs == [make_brief(COLLECTIONS["task_result_history"], document) for document in found]
    assert len(briefs) > 0


def test_tables_and_indexes_are_those_of_a_new_file(store: SQLiteStore, path: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.db"
    SQLiteStore.open(make_url(fresh)).close()
    assert read_schema(path) == read_schema(fresh)


def read_schema(path: Path) -> dict[str, object]:
    """Return the columns of every table, and the SQL of every index and trigger."""
    with closing(sqlite3.connect(path)) as connection:
        found: dict[str, object] = {}
        for kind, name, text in connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall():
            if kind == "table" and not name.startswith("sqlite_"):
                found[name] = sorted(
                    (column[1], column[3], column[5])
                    for column in connection.execute(f'PRAGMA table_info("{name}")')
                )
            elif kind != "table":
                found[name] = text
        return found


def test_the_statistics_of_the_planner_are_made(store: SQLiteStore, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        [(analysed,)] = connection.execute(
            "SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'task_result_history'"
        )
        assert analysed == len(
            [*COLLECTIONS["task_result_history"].indexes, *COLLECTIONS["task_result_history"].partial, "key"]
        )


def test_a_second_opening_finds_nothing_to_do(store: SQLiteStore, path: Path) -> None:
    before = read_schema(path)
    SQLiteStore.open(make_url(path)).close()
    assert read_schema(path) == before


LOCKS_OF_2 = """
DROP TABLE execution_lock;
CREATE TABLE "execution_lock" ("project_id" NOT NULL, "chip_id" NOT NULL, doc TEXT NOT NULL,
    PRIMARY KEY ("project_id", "chip_id"));
INSERT INTO execution_lock VALUES ('p', '', '{"project_id":"p","chip_id":"","owner":"o"}');
INSERT INTO execution_lock VALUES ('p', 'c', '{"project_id":"p","chip_id":"c","owner":"o"}');
INSERT INTO execution_history (project_id, execution_id, start_at, chip_id, username, status, flow_run_id, brought_as, cooldown_id, doc)
    VALUES ('p', 'e', '2026-01-01T00:00:00.000000Z', 'c', 'ann', 'running', 'f', '', -9e999, '{"project_id":"p","username":"ann",
    "name":"n","execution_id":"e","chip_id":"c","status":"running","lease_owner":"o"}');
PRAGMA user_version = 2;
"""
"""Statements that turn a current file into one of version 2."""


def test_what_ran_when_version_2_was_left_is_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "qdash.db"
    SQLiteStore.open(make_url(path)).close()
    fresh = read_schema(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(LOCKS_OF_2)
    store = SQLiteStore.open(make_url(path))
    assert read_schema(path) == fresh
    repositories = Repositories(store)
    assert repositories.of(ExecutionLockRepository).list_by_project("p") == []
    (orphan,) = list_orphans(repositories, "p")
    assert (orphan.execution_id, orphan.instrument) == ("e", "")
    store.close()


LOCKS_OF_8 = """
DROP TABLE execution_lock;
CREATE TABLE "execution_lock" ("instrument" NOT NULL, "project_id" NOT NULL DEFAULT -9e999, doc TEXT NOT NULL,
    PRIMARY KEY ("instrument")) WITHOUT ROWID;
INSERT INTO execution_lock VALUES ('i', 'p', '{"instrument":"i","project_id":"p","owner":"o"}');
PRAGMA user_version = 8;
"""
"""Statements that turn a current file into one of version 8."""


def test_an_instrument_of_version_8_can_have_several_locks(tmp_path: Path) -> None:
    path = tmp_path / "qdash.db"
    SQLiteStore.open(make_url(path)).close()
    fresh = read_schema(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(LOCKS_OF_8)
    store = SQLiteStore.open(make_url(path))
    assert read_schema(path) == fresh
    assert Repositories(store).of(ExecutionLockRepository).list_by_project("p") == []
    store.close()


def test_a_file_of_version_9_can_have_records_of_plugins(tmp_path: Path) -> None:
    path = tmp_path / "qdash.db"
    SQLiteStore.open(make_url(path)).close()
    fresh = read_schema(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("DROP TABLE plugin_record; PRAGMA user_version = 9;")
    with closing(SQLiteStore.open(make_url(path))) as store, store.transaction() as transaction:
        key = {"project_id": "p", "entity": "helium-fill", "record_id": "1"}
        transaction.insert("plugin_record", key)
        assert transaction.get("plugin_record", tuple(key.values())) == key
    assert read_schema(path) == fresh


def test_a_file_of_version_10_can_have_issues(tmp_path: Path) -> None:
    path = tmp_path / "qdash.db"
    with closing(SQLiteStore.open(make_url(path))) as store, store.transaction() as transaction:
        transaction.insert("plugin_record", {"project_id": "p", "entity": "helium-fill", "record_id": "1"})
    fresh = read_schema(path)
    tables = [name for name in fresh if name.startswith("issue") and isinstance(fresh[name], list)]
    with closing(sqlite3.connect(path)) as connection:
        for name in tables:
            connection.execute(f'DROP TABLE "{name}"')
        connection.execute("PRAGMA user_version = 10")
        connection.commit()
    with closing(SQLiteStore.open(make_url(path))) as store:
        repositories = Repositories(store)
        now = utc_now()
        made = IssueModel(
            project_id="p", issue_id="1", username="ann", title="no decay", targets=["3"], words="decay no",
            created_at=now, updated_at=now,
        )  # fmt: skip
        repositories.of(IssueRepository).put(made)
        for where in ({"targets": Has("3")}, {"words": Words("Decay")}):
            assert repositories.of(IssueRepository).search({"project_id": "p", **where}, limit=1) == [made]
        with store.read() as snapshot:
            assert snapshot.count("plugin_record", {"project_id": "p"}) == 1
    assert read_schema(path) == fresh
    assert {"issue", "issue_event"} <= {*tables}


EDGES_OF_14 = """
CREATE TABLE former AS SELECT project_id, subject, object, chip_id, subject_qid, created_at, object_qid, brief, doc FROM provenance;
DROP TABLE provenance;
CREATE TABLE "provenance" ("project_id" NOT NULL, "subject" NOT NULL, "object" NOT NULL, "chip_id" NOT NULL,
    "subject_qid" NOT NULL, "created_at" NOT NULL, "object_qid" NOT NULL, brief TEXT NOT NULL, doc TEXT NOT NULL,
    PRIMARY KEY ("project_id", "subject", "object"));
INSERT INTO provenance SELECT * FROM former;
DROP TABLE former;
CREATE INDEX "provenance_0" ON "provenance" ("project_id", "object", "subject");
PRAGMA user_version = 14;
"""
"""Statements that turn a current file into one of version 14."""


def test_edges_of_version_14_keep_their_text_and_take_a_third_of_the_space(tmp_path: Path) -> None:
    path = tmp_path / "qdash.db"
    fields = {field: field * 3 for field in COLLECTIONS["provenance"].flat} | {"project_id": "p"}
    with closing(SQLiteStore.open(make_url(path))) as store, store.transaction() as transaction:
        for number in range(300):
            transaction.insert("provenance", {**fields, "subject": f"{number:036}"})
        transaction.insert("provenance", {"project_id": "p", "subject": "other", "object": "é"})
    fresh = read_schema(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(EDGES_OF_14)
    before, size = read_edges(path)
    with closing(SQLiteStore.open(make_url(path))) as store, store.read() as snapshot:
        assert len(snapshot.find("provenance", {})) == 301
    assert read_schema(path) == fresh
    assert read_edges(path)[0] == before
    assert read_edges(path)[1] < 0.4 * size


def read_edges(path: Path) -> tuple[list[tuple[str, str]], int]:
    """Return the texts of the edges with their briefs, and the size of the table in bytes."""
    with closing(sqlite3.connect(path)) as connection:
        edges = connection.execute("SELECT doc, brief FROM provenance ORDER BY subject").fetchall()
        [(size,)] = connection.execute("SELECT sum(pgsize) FROM dbstat WHERE name = 'provenance'")
    return edges, size


def test_messages_of_before_are_searched(path: Path) -> None:
    with closing(SQLiteStore.open(make_url(path))) as store, store.read() as snapshot:
        where = {"project_id": "p", "message": Words("decay")}
        found = snapshot.find("task_result_history", where, order=("-start_at",))
    assert [document["task_id"] for document in found] == ["v"]
