"""Errors for stores that cannot be opened: fault, place and advice, but never the password."""

from __future__ import annotations

import asyncio
import subprocess
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from pymongo import AsyncMongoClient, MongoClient

from qdash_core.errors import StoreError, StoreUnavailableError
from qdash_core.repositories.schema import SCHEMA_VERSION
from qdash_core.repositories.store import Has, Words
from qdash_mongo.database import REGISTER, migrate_schema
from qdash_mongo.server import MongoServer, find_program
from qdash_mongo.store import MongoStore

if TYPE_CHECKING:
    from pathlib import Path

    from pymongo.asynchronous.database import AsyncDatabase

SECRET = "s3cret"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mongodb://", "write mongodb://"),
        ("mongodb:///qdash", "write mongodb://"),
        ("mongodb://host:port/qdash", "write mongodb://"),
        ("mongodb://host/qdash?replicaSet", "write mongodb://"),
        ("mongodb://host/qdash?replicaset=a&foo=1", "Unknown option: foo"),
        (f"mongodb://ann:{SECRET}@host/qdash?foo={SECRET}", "Unknown option: foo"),
        ("mongodb://host/admin", "MongoDB reserves this database"),
        (f"mongodb://ann:{SECRET}/x@host/qdash", "percent-encoded"),
        (f"mongodb://ann:{SECRET}:x@host/qdash", "percent-encoded"),
        (f"mongodb://ann:{SECRET}@x@host/qdash", "percent-encoded"),
        (f"mongodb://ann:{SECRET}@host:99999/qdash", "percent-encoded"),
        ("mongodb://127.0.0.1:1/qdash?serverSelectionTimeoutMS=50", "127.0.0.1:1/qdash"),
        (f"mongodb://ann:{SECRET}@127.0.0.1:1/?serverSelectionTimeoutMS=50", "no writable server responds"),
    ],
)
def test_an_unusable_url_is_refused(url: str, message: str) -> None:
    with pytest.raises(StoreError, match=message) as refused:
        MongoStore.open(url)
    assert str(refused.value).startswith("cannot open the store mongodb://") or "cannot open mongodb" in str(
        refused.value
    )
    shown: BaseException | None = refused.value
    while shown is not None:
        assert SECRET not in str(shown)
        shown = shown.__cause__


def test_an_unavailable_server_is_a_transient_error() -> None:
    with pytest.raises(StoreUnavailableError):
        MongoStore.open("mongodb://127.0.0.1:1/qdash?serverSelectionTimeoutMS=50")


@pytest.mark.slow
def test_a_url_without_a_database_means_qdash(server: MongoServer) -> None:
    MongoStore.open(server.url("").replace("replicaSet=qdash", "")).close()
    with MongoClient[dict[str, Any]](server.url("qdash")) as client:
        assert REGISTER in client.get_default_database().list_collection_names()


@pytest.mark.slow
def test_a_user_needs_the_password_and_the_permission(server: MongoServer) -> None:
    with MongoClient[dict[str, Any]](server.url("own")) as client:
        roles = {"wise": ["readWrite"], "poor": []}
        for name, given in roles.items():
            client["own"].command("createUser", name, pwd=SECRET, roles=given)
    place = f"127.0.0.1:{server.port}/own?replicaSet=qdash"
    MongoStore.open(f"mongodb://wise:{SECRET}@{place}").close()
    with pytest.raises(StoreError, match="refuses the user") as refused:
        MongoStore.open(f"mongodb://wise:{SECRET}x@{place}")
    assert not isinstance(refused.value, StoreUnavailableError)
    assert SECRET not in str(refused.value)


@pytest.mark.slow
def test_a_server_without_transactions_is_refused(tmp_path: Path) -> None:
    server = MongoServer(tmp_path)
    command = [
        find_program(),
        "--dbpath",
        str(tmp_path),
        "--port",
        str(server.port),
        "--bind_ip",
        "127.0.0.1",
    ]
    with subprocess.Popen([*command, "--nounixsocket"], stdout=subprocess.DEVNULL) as process:
        try:
            with pytest.raises(StoreError, match=r"--replSet.*rs\.initiate"):
                _opened_when_it_answers(f"mongodb://127.0.0.1:{server.port}/qdash")
        finally:
            process.kill()


def _opened_when_it_answers(url: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            return MongoStore.open(url).close()
        except StoreUnavailableError:
            if time.monotonic() > deadline:
                raise


def test_a_store_exists_once_it_has_been_opened(new_mongo_url: str) -> None:
    assert not MongoStore.exists(new_mongo_url)
    MongoStore.open(new_mongo_url).close()
    assert MongoStore.exists(new_mongo_url)


def test_a_database_of_another_program_is_left_alone(new_mongo_url: str) -> None:
    with MongoClient[dict[str, Any]](new_mongo_url) as client:
        database = client.get_default_database()
        database["chip"].insert_one({"chip_id": "64Q"})
        with pytest.raises(StoreError, match=r"another program.*import-qdash"):
            MongoStore.open(new_mongo_url)
        assert database.list_collection_names() == ["chip"]


def test_a_store_of_a_newer_version_is_left_alone(new_mongo_url: str) -> None:
    with MongoClient[dict[str, Any]](new_mongo_url) as client:
        database = client.get_default_database()
        database[REGISTER].insert_one(
            {"_id": "register", "schema_version": SCHEMA_VERSION + 1, "mark": "", "numbers": {}}
        )
        with pytest.raises(StoreError, match="written by a newer QDash"):
            MongoStore.open(new_mongo_url)
        assert database.list_collection_names() == [REGISTER]


@pytest.mark.parametrize(
    ("version", "key", "lock"),
    [
        pytest.param(
            2, ["project_id", "chip_id"], {"project_id": "p", "chip_id": "c"}, marks=pytest.mark.slow
        ),
        (8, ["instrument"], {"instrument": "a", "project_id": "p", "owner": "o"}),
    ],
)
def test_a_store_of_an_old_version_loses_its_locks_and_nothing_else(
    new_mongo_url: str, version: int, key: list[str], lock: dict[str, str]
) -> None:
    """Locks of version 2 did not name their instrument, and an instrument of version 8 had only one."""
    store = MongoStore.open(new_mongo_url)
    with store.transaction() as transaction:
        transaction.put("chip", {"project_id": "p", "chip_id": "c"})
    store.close()
    with MongoClient[dict[str, Any]](new_mongo_url) as client:
        database = client.get_default_database()
        locks = database["execution_lock"]
        locks.drop()
        locks.create_index([(name, 1) for name in key], unique=True)
        locks.insert_one(lock)
        database[REGISTER].update_one({}, {"$set": {"schema_version": version}})
    assert MongoStore.upgrade(new_mongo_url).before == version
    for _ in range(2):
        store = MongoStore.open(new_mongo_url)
        with store.transaction() as transaction:
            assert transaction.count("chip", {}) == 1
            assert transaction.find("execution_lock", {"project_id": "p"}) == []
            for owner in ("x", "y"):
                transaction.put("execution_lock", {"instrument": "a", "project_id": "p", "owner": owner})
            assert transaction.count("execution_lock", {"project_id": "p"}) == 2
            transaction.delete("execution_lock", {})
        store.close()
    with MongoClient[dict[str, Any]](new_mongo_url) as client:
        assert client.get_default_database()[REGISTER].find_one({})["schema_version"] == SCHEMA_VERSION


@pytest.mark.slow
def test_messages_of_a_store_of_version_3_are_searched(new_mongo_url: str) -> None:
    asked = {"project_id": "p", "message": Words("decay")}
    with closing(MongoStore.open(new_mongo_url)) as store, store.transaction() as transaction:
        for task_id, message in (("a", "No decay"), ("b", ""), ("c", "decay of a $ number")):
            document = {"project_id": "p", "task_id": task_id, "message": message, "n": 2**40}
            transaction.put("task_result_history", document)
    with MongoClient[dict[str, Any]](new_mongo_url) as client:
        database = client.get_default_database()
        database["task_result_history"].update_many({}, {"$unset": {"_terms": 1}})
        database["note_event"].drop_indexes()
        database["note_event"].create_index("_terms")
        database[REGISTER].update_one({}, {"$set": {"schema_version": 3}})
    MongoStore.upgrade(new_mongo_url)
    with closing(MongoStore.open(new_mongo_url)) as store, store.read() as snapshot:
        found = snapshot.find("task_result_history", asked)
    assert [document["task_id"] for document in found] == ["a", "c"]


@pytest.mark.slow
def test_executions_of_a_store_of_version_5_get_the_cooldown_of_their_results(new_mongo_url: str) -> None:
    with closing(MongoStore.open(new_mongo_url)) as store, store.transaction() as transaction:
        for execution_id, note in (("a", {}), ("b", {"$odd": 2**40}), ("c", {})):
            transaction.put(
                "execution_history", {"project_id": "p", "execution_id": execution_id, "note": note}
            )
        for task_id, execution_id, cooldown_id in (
            ("1", "a", None),
            ("2", "a", "cd-1"),
            ("3", "a", "cd-2"),
            ("4", "b", "cd-2"),
            ("5", "c", None),
        ):
            document = {
                "execution_id": execution_id,
                "cooldown_id": cooldown_id,
                "start_at": f"2026-{task_id}",
            }
            transaction.put("task_result_history", {"project_id": "p", "task_id": task_id, **document})
        before = transaction.find("execution_history", {"project_id": "p"})
    with MongoClient[dict[str, Any]](new_mongo_url) as client:
        client.get_default_database()[REGISTER].update_one({}, {"$set": {"schema_version": 5}})
    MongoStore.upgrade(new_mongo_url)
    with closing(MongoStore.open(new_mongo_url)) as store, store.read() as snapshot:
        found = snapshot.find("execution_history", {"project_id": "p"})
        assert [one.get("cooldown_id") for one in found] == ["cd-1", "cd-2", None]
        assert [{name: one[name] for name in one if name != "cooldown_id"} for one in found] == before
        of_second = {"project_id": "p", "cooldown_id": "cd-2"}
        assert [one["execution_id"] for one in snapshot.find("execution_history", of_second)] == ["b"]


@pytest.mark.slow
def test_a_store_of_version_9_can_have_records_of_plugins(new_mongo_url: str) -> None:
    MongoStore.open(new_mongo_url).close()
    with MongoClient[dict[str, Any]](new_mongo_url) as client:
        database = client.get_default_database()
        indexes = database["plugin_record"].index_information()
        database["plugin_record"].drop()
        database[REGISTER].update_one({}, {"$set": {"schema_version": 9}})
        MongoStore.upgrade(new_mongo_url)
        with closing(MongoStore.open(new_mongo_url)) as store, store.transaction() as transaction:
            key = {"project_id": "p", "entity": "helium-fill", "record_id": "1"}
            transaction.insert("plugin_record", key)
            assert transaction.get("plugin_record", tuple(key.values())) == key
        assert database["plugin_record"].index_information() == indexes
        assert database[REGISTER].find_one({})["schema_version"] == SCHEMA_VERSION  # type: ignore[index]


@pytest.mark.slow
def test_a_store_of_version_10_can_have_issues(new_mongo_url: str) -> None:
    MongoStore.open(new_mongo_url).close()
    with MongoClient[dict[str, Any]](new_mongo_url) as client:
        database = client.get_default_database()
        names = "issue", "issue_event"
        indexes = {name: database[name].index_information() for name in names}
        for name in names:
            database[name].drop()
        database[REGISTER].update_one({}, {"$set": {"schema_version": 10}})
        MongoStore.upgrade(new_mongo_url)
        with closing(MongoStore.open(new_mongo_url)) as store, store.transaction() as transaction:
            document = {"project_id": "p", "issue_id": "1", "words": "decay no", "targets": ["3"]}
            transaction.insert("issue", document)
            assert transaction.find("issue", {"words": Words("decay"), "targets": Has("3")}) == [document]
        assert {name: database[name].index_information() for name in names} == indexes
        assert database[REGISTER].find_one({})["schema_version"] == SCHEMA_VERSION  # type: ignore[index]


@pytest.mark.slow
def test_results_of_a_store_of_version_5_get_briefs(new_mongo_url: str) -> None:
    """A migration that was interrupted has added some of them; some documents are stored as text."""
    asked, by_number = {"project_id": "p", "qid": "0"}, ("task_id",)
    with closing(MongoStore.open(new_mongo_url)) as store, store.transaction() as transaction:
        for number in range(1_100):
            value = {"value": 2**60 + number if number % 100 == 0 else number + 0.5, "unit": "us"}
            quality = {"$odd.name": 1.0} if number % 10 == 1 else {}
            document = {"task_id": f"{number:05}", "output_parameters": {"t1": value}, "quality": quality}
            transaction.put("task_result_history", {**asked, **document})
        briefs = transaction.read_briefs("task_result_history", asked, order=by_number)
        documents = transaction.find("task_result_history", asked, order=by_number)
    assert len(briefs) == len(documents) == 1_100
    with MongoClient[dict[str, Any]](new_mongo_url) as client:
        database = client.get_default_database()
        database["task_result_history"].update_many({"task_id": {"$gt": "00010"}}, {"$unset": {"_brief": 1}})
        database[REGISTER].update_one({}, {"$set": {"schema_version": 5}})
    MongoStore.upgrade(new_mongo_url)
    with closing(MongoStore.open(new_mongo_url)) as store, store.read() as snapshot:
        assert snapshot.read_briefs("task_result_history", asked, order=by_number) == briefs
        assert snapshot.find("task_result_history", asked, order=by_number) == documents
    with MongoClient[dict[str, Any]](new_mongo_url) as client:
        assert client.get_default_database()[REGISTER].find_one({})["schema_version"] == SCHEMA_VERSION


def test_an_older_store_is_migrated_step_by_step(new_mongo_url: str) -> None:
    MongoStore.open(new_mongo_url).close()

    async def step(database: AsyncDatabase[dict[str, Any]]) -> None:
        await database["user"].insert_one({"username": "migrated"})

    async def migrate(version: int) -> None:
        async with AsyncMongoClient[dict[str, Any]](new_mongo_url) as client:
            await migrate_schema(
                client.get_default_database(), "here", version=version, migrations={SCHEMA_VERSION: step}
            )

    with pytest.raises(StoreError, match=f"no migration from schema {SCHEMA_VERSION + 1}"):
        asyncio.run(migrate(SCHEMA_VERSION + 2))
    with pytest.raises(StoreError, match="newer QDash"):
        MongoStore.open(new_mongo_url)
    with MongoClient[dict[str, Any]](new_mongo_url) as client:
        assert client.get_default_database()["user"].count_documents({"username": "migrated"}) == 1


def test_a_missing_library_is_reported_with_the_package_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mongod = tmp_path / "bin" / "mongod"
    mongod.parent.mkdir()
    mongod.write_text("#!/bin/sh\nexit 127\n")  # like the dynamic loader
    mongod.chmod(0o755)
    monkeypatch.setenv("PATH", str(mongod.parent))
    with pytest.raises(RuntimeError, match=r"bin/mongod cannot be loaded: install .*libcurl4"):
        MongoServer(tmp_path / "data").start()
