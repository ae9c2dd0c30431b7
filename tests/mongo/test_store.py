"""MongoDB as a store: its contract, and documents readable by other tools."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from pymongo import MongoClient

from qdash_core.errors import StoreError
from qdash_mongo.store import MongoStore
from qdash_testing.store import StoreContract

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class TestMongoStore(StoreContract):
    store_class = MongoStore

    @pytest.fixture(autouse=True)
    def _on_the_server(self, mongo_url: str) -> None:
        self.mongo_url = mongo_url

    def url(self, tmp_path: Path) -> str:
        return self.mongo_url


def stored(url: str, collection: str) -> list[dict[str, Any]]:
    """Return the documents as another tool reads them."""
    with MongoClient[dict[str, Any]](url) as client:
        return list(client.get_default_database()[collection].find({}, {"_id": False}))


def test_other_tools_find_documents_as_they_are(store: MongoStore, mongo_url: str) -> None:
    document = {"project_id": "p", "name": "t", "nested": {"list": [1, 2**31 - 1, 2.5, None, True, "μ", "$"]}}
    with store.transaction() as transaction:
        transaction.put("tag", document)

    assert stored(mongo_url, "tag") == [document]


HARD = {
    "a whole number beyond 64 bits": {"n": 2**80},
    "a whole number beyond 32 bits": {"n": [2**40, -(2**31) - 1]},
    "a name with NUL": {"a\0b": 1},
    "an operator": {"$set": {"x": 1}},
    "a reference": {"r": {"$ref": "c", "$id": 1, "$db": "d"}},
    "a dotted name": {"a.b": {"c.d": 1}},
    "names of the database's own": {"_id": 5, "_text": "x", "_terms": ["y"]},
    "an empty name": {"": {"": 0}},
    "deep nesting": {"deep": [[[[]]]] * 30},
    "many small numbers": {"list": [0] * 1_500_000},
}
for _ in range(150):
    HARD["deep nesting"] = {"deep": [HARD["deep nesting"]]}


@pytest.mark.parametrize(
    "what",
    [pytest.param(what, marks=pytest.mark.slow) if what == "many small numbers" else what for what in HARD],
)
def test_documents_that_bson_cannot_represent_are_stored_and_found_unchanged(
    store: MongoStore, what: str
) -> None:
    document = {"project_id": "p", "name": "t", "task_type": "qubit", "backend": "b", **HARD[what]}
    with store.transaction() as transaction:
        transaction.put("task", document)
        assert transaction.get("task", ("p", "b", "t")) == document
    with store.read() as snapshot:
        [found] = snapshot.find("task", {"project_id": "p", "task_type": "qubit"})
    assert found == document
    numbers = [found["n"]] if isinstance(found.get("n"), int) else found.get("n", [])
    assert {type(number) for number in numbers} <= {int}


def test_a_field_within_a_field_is_searched_only_where_the_outer_one_is_a_mapping(store: MongoStore) -> None:
    noted = {"project_id": "p", "chip_id": "c", "task_id": "a", "user_note": {"updated_at": "2026"}}
    listed = {**noted, "task_id": "b", "user_note": [{"updated_at": "2026"}]}
    with store.transaction() as transaction:
        for document in (noted, listed):
            transaction.put("task_result_history", document)
        found = transaction.find("task_result_history", {"project_id": "p", "user_note.updated_at": "2026"})
    assert found == [noted]


def test_writes_of_other_processes_are_visible(mongo_url: str) -> None:
    mine, other = MongoStore.open(mongo_url), MongoStore.open(mongo_url)
    for number, writer in enumerate((mine, other, mine, mine, other, other, mine)):
        with writer.transaction() as transaction:
            before = transaction.get("tag", ("p", "t"))
            assert (before or {"n": -1})["n"] == number - 1
            transaction.put("tag", {"project_id": "p", "name": "t", "n": number})
            assert transaction.append("event", {"project_id": "p"}) == number + 1
    mine.close()
    other.close()


def test_documents_of_a_deleted_store_are_not_cached_in_a_new_one(mongo_url: str) -> None:
    mine = MongoStore.open(mongo_url)
    with mine.transaction() as transaction:
        transaction.put("tag", {"project_id": "p", "name": "t"})
    with MongoClient[dict[str, Any]](mongo_url) as client:
        client.drop_database(client.get_default_database().name)
    other = MongoStore.open(mongo_url)
    with other.transaction() as transaction:
        transaction.put("user", {"username": "ann"})
    with mine.transaction() as transaction:
        assert transaction.get("tag", ("p", "t")) is None
    mine.close()
    other.close()


def test_a_deleted_store_is_reported_and_no_session_stays_open(mongo_url: str, store: MongoStore) -> None:
    def write() -> None:
        with store.transaction():
            pass

    with MongoClient[dict[str, Any]](mongo_url) as client:
        name = client.get_default_database().name
        client.drop_database(name)
        with pytest.raises(StoreError, match="was deleted while it was open"):
            write()
        ours = {"appName": f"qdash {name}", "transaction": {"$exists": True}}
        assert not [*client.admin.aggregate([{"$currentOp": {"idleSessions": True}}, {"$match": ours}])]


def test_rolled_back_writes_are_not_cached(store: MongoStore) -> None:
    def write_and_raise() -> None:
        with store.transaction() as transaction:
            transaction.put("tag", {"project_id": "p", "name": "t"})
            raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            write_and_raise()
        with store.transaction() as transaction:
            assert transaction.get("tag", ("p", "t")) is None


def run_forked(work: Callable[[], object]) -> None:
    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    child.join(30)
    assert child.exitcode == 0


def test_a_forked_process_opens_its_own_connection(store: MongoStore) -> None:
    def write(name: str) -> None:
        with store.transaction() as transaction:
            transaction.put("user", {"username": name})

    write("ann")
    run_forked(lambda: write("bob"))
    write("cat")
    with store.read() as snapshot:
        assert [user["username"] for user in snapshot.find("user", {})] == ["ann", "bob", "cat"]


def test_a_transaction_cannot_be_used_after_a_fork(store: MongoStore) -> None:
    with store.transaction() as transaction:
        transaction.put("user", {"username": "ann"})

        def use() -> None:
            for act in (lambda: transaction.get("user", ("ann",)), transaction.commit):
                with pytest.raises(StoreError, match="forked"):
                    act()
            transaction.leave()

        run_forked(use)
        assert transaction.get("user", ("ann",)) == {"username": "ann"}
    with store.read() as snapshot:
        assert snapshot.count("user", {}) == 1


def test_the_driver_is_imported_when_a_store_is_opened() -> None:
    code = (
        "import sys\n"
        "from qdash_core import load_plugins\n"
        "assert load_plugins().store_class('mongodb').__name__ == 'MongoStore'\n"
        "assert not {'beanie', 'pymongo', 'bson'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60, env={**os.environ})


def test_a_process_with_an_open_store_exits_without_messages(mongo_url: str) -> None:
    code = f"from qdash_mongo.store import MongoStore\nstore = MongoStore.open({mongo_url!r})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr == ""
