"""Beanie documents of a store: built from the stored models, found and aggregated, never written."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from beanie import Document
from beanie.exceptions import CollectionWasNotInitialized
from beanie.odm.queries.find import FindMany, FindOne
from pydantic import BaseModel
from pymongo import MongoClient

from qdash_core.errors import StoreError
from qdash_core.models.task import TaskResultModel
from qdash_core.process.clock import utc_now
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import TaskResultHistoryRepository
from qdash_mongo import documents
from qdash_mongo.database import REGISTER
from qdash_mongo.document_access import open_documents
from qdash_mongo.documents import ExecutionLockDocument, make_documents
from qdash_mongo.documents import TaskResultHistoryDocument as Result
from qdash_mongo.loop import DriverLoop
from qdash_mongo.store import MongoStore
from qdash_mongo.stored_document import WRITING_METHODS, WRITING_QUERIES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

NAMES_OF_THE_ORIGINAL = [
    "ProjectDocument",
    "ProjectMembershipDocument",
    "ChipDocument",
    "QubitDocument",
    "CouplingDocument",
    "ExecutionHistoryDocument",
    "TaskResultHistoryDocument",
    "QubitHistoryDocument",
    "ChipHistoryDocument",
    "CouplingHistoryDocument",
    "TaskDocument",
    "BackendDocument",
    "UserDocument",
    "TagDocument",
    "ExecutionLockDocument",
    "ExecutionCounterDocument",
    "CalibrationNoteDocument",
    "FlowDocument",
    "MetricNoteDocument",
    "NoteEventDocument",
    "CryostatDocument",
    "CooldownDocument",
]

READING = {
    *(
        "aggregate",
        "all",
        "avg",
        "clone",
        "count",
        "distinct",
        "exists",
        "find",
        "find_all",
        "find_many",
        "find_one",
    ),
    *(
        "first_or_none",
        "get",
        "inspect_collection",
        "limit",
        "max",
        "min",
        "project",
        "skip",
        "sort",
        "sum",
        "sync",
    ),
    *("to_list", "fetch_all_links", "fetch_link"),
}
LOCAL = {
    *(
        "add_child",
        "build_aggregation_pipeline",
        "fill_back_refs",
        "lazy_parse",
        "link_from_id",
        "parse_store",
    ),
    *(
        "prepare_find_expressions",
        "rollback",
        "set_collection",
        "set_collection_name",
        "set_database",
        "set_session",
    ),
    *("state_management_replace_objects", "state_management_save_previous", "to_ref", "use_state_management"),
    *("validate_self", "AggregationQueryType", "DeleteQueryType", "UpdateQueryType"),
}
"""Methods that change only the object, or its class."""

NOW = utc_now()
RESULTS = [
    TaskResultModel(
        project_id="p",
        username="ann",
        chip_id="c",
        execution_id="e",
        task_id=f"t{number}",
        name="CheckT1" if number % 2 else "CheckRabi",
        qid=str(number),
        message="no decay" if number == 3 else "",
        note={"beyond BSON": 2**70} if number == 4 else {},
        start_at=NOW + timedelta(seconds=number),
    )
    for number in range(6)
]
"""The fifth is stored as JSON text, and the fourth with its search terms."""


@pytest.fixture
def results_url(store: MongoStore, mongo_url: str) -> str:
    """URL of a store with `RESULTS`."""
    Repositories(store).of(TaskResultHistoryRepository).add(*RESULTS)
    return mongo_url


def read(url: str, reading: Callable[[], Awaitable[Any]]) -> Any:
    """Return the result of a reading, with the documents of a store open."""

    async def run() -> Any:
        async with open_documents(url):
            return await reading()

    return run_in_loop(run())


def run_in_loop(work: Coroutine[object, object, Any]) -> Any:
    """Return the result of a coroutine, in a loop that closes the sockets that the driver leaks."""
    with asyncio.Runner(loop_factory=DriverLoop) as runner:
        return runner.run(work)


def test_document_classes_have_the_names_of_the_original() -> None:
    assert set(NAMES_OF_THE_ORIGINAL) <= make_documents().keys()
    assert all(getattr(documents, name) is document for name, document in make_documents().items())
    with pytest.raises(AttributeError, match="has no attribute 'LostDocument'"):
        _ = documents.LostDocument


def test_documents_are_the_stored_records(results_url: str) -> None:
    found = read(results_url, lambda: Result.find(Result.project_id == "p").sort("start_at").to_list())
    assert [document.model_dump(exclude={"id", "revision_id"}) for document in found] == [
        result.model_dump() for result in RESULTS
    ]
    assert [document.outcome for document in found] == [result.outcome for result in RESULTS]


def test_document_that_is_parsed_lazily_is_complete(results_url: str) -> None:
    async def reading() -> Any:
        (found,) = await Result.find({"task_id": "t4"}, lazy_parse=True).to_list()
        return found.note

    assert read(results_url, reading) == RESULTS[4].note


def test_times_are_compared_in_every_query(results_url: str) -> None:
    last = {"start_at": {"$gte": RESULTS[4].start_at}}
    count: list[dict[str, Any]] = [{"$match": last}, {"$group": {"_id": "$name", "results": {"$sum": 1}}}]

    async def reading() -> Any:
        return (
            [one.task_id for one in await Result.find(Result.start_at < RESULTS[2].start_at).to_list()],
            (await Result.find_one(last, Result.name == "CheckT1")).task_id,
            await Result.find(last).count(),
            sorted(await Result.distinct("qid", last)),
            await Result.aggregate([*count, {"$sort": {"_id": 1}}]).to_list(),
            await Result.find(last).aggregate([{"$count": "results"}]).to_list(),
        )

    found = read(results_url, reading)
    assert found[:4] == (["t0", "t1"], "t5", 2, ["4", "5"])
    assert found[4:] == (
        [{"_id": "CheckRabi", "results": 1}, {"_id": "CheckT1", "results": 1}],
        [{"results": 2}],
    )


def test_every_method_of_beanie_that_writes_is_known() -> None:
    """A newer Beanie may have more."""
    for kind, writing in (
        (Document, WRITING_METHODS),
        (FindMany, WRITING_QUERIES),
        (FindOne, WRITING_QUERIES),
    ):
        public = {name for name, _ in inspect.getmembers(kind, callable) if not name.startswith("_")}
        asked = {name for name in public if name.startswith(("get_", "is_", "has_"))}
        assert public - set(dir(BaseModel)) - asked - READING - LOCAL - set(writing) == set()
        assert set(writing) - public <= {
            "delete_many",
            "update_many",
            "delete_one",
            "update_one",
            "replace_one",
        }


def test_nothing_is_written_through_documents(results_url: str, store: MongoStore) -> None:
    async def reading() -> list[str]:
        one = await Result.find_one({"task_id": "t1"})
        calls = [getattr(one, name) for name in WRITING_METHODS]
        calls += [getattr(Result, name) for name in WRITING_METHODS]
        for query in (Result.find({"task_id": "t1"}), Result.find_all(), Result.find_one({"task_id": "t1"})):
            calls += [getattr(query, name) for name in WRITING_QUERIES if hasattr(query, name)]
        for stage in ({"$out": "copy"}, {"$merge": "copy"}):
            calls.append(Result.aggregate([{"$match": {}}, stage]).to_list)
        messages = []
        for call in calls:
            with pytest.raises(StoreError) as refused:
                await call()
            messages.append(str(refused.value))
        return messages

    messages = read(results_url, reading)
    assert len(messages) > 50
    (message,) = set(messages)
    assert message == (
        "TaskResultHistoryDocument only reads documents: to change them, use a service of QDash, which checks "
        "permissions and records events, such as `open_qdash().get(ISSUES)`"
    )
    with store.read() as snapshot:
        assert snapshot.count("task_result_history", {}) == len(RESULTS)


def test_every_document_refuses_to_be_written(subtests: pytest.Subtests) -> None:
    for document in make_documents().values():
        with subtests.test(str(document)), pytest.raises(StoreError, match=document.__name__):
            document.insert_many([])


def test_documents_can_only_be_used_while_their_store_is_open(mongo_url: str, store: MongoStore) -> None:
    async def open_twice() -> None:
        async with open_documents(mongo_url):
            with pytest.raises(StoreError, match="still open"):
                await open_documents(mongo_url).__aenter__()
            assert Result.model_validate(one := Result(**RESULTS[0].model_dump())) is one
            assert await ExecutionLockDocument.find_all().count() == 0

    run_in_loop(open_twice())
    run_in_loop(open_twice())
    with pytest.raises(CollectionWasNotInitialized):
        Result.find_all()


@pytest.mark.slow
def test_a_store_in_the_same_process_does_not_disturb_documents(results_url: str, new_mongo_url: str) -> None:
    async def reading() -> int:
        store = await asyncio.to_thread(MongoStore.open, new_mongo_url)  # makes collections and indexes
        await asyncio.to_thread(store.close)
        return int(await Result.find_all().count())

    assert read(results_url, reading) == len(RESULTS)


def test_a_database_that_is_no_store_is_refused_and_not_changed(new_mongo_url: str) -> None:
    with pytest.raises(StoreError, match=r"is no store of QDash: check the name .* `qdash init`"):
        read(new_mongo_url, lambda: Result.find_all().count())
    with MongoClient[dict[str, Any]](new_mongo_url) as client:
        assert client.get_default_database().list_collection_names() == []


@pytest.mark.parametrize("step", [-1, 1])
def test_a_store_of_another_version_is_refused(step: int, mongo_url: str, store: MongoStore) -> None:
    with MongoClient[dict[str, Any]](mongo_url) as client:
        register = client.get_default_database()[REGISTER]
        register.update_one({}, {"$inc": {"schema_version": step}})
        try:
            with pytest.raises(StoreError, match=r"has schema \d+, and this QDash has \d+"):
                read(mongo_url, lambda: Result.find_all().count())
        finally:
            register.update_one({}, {"$inc": {"schema_version": -step}})


def test_an_unreachable_server_is_reported_without_the_password() -> None:
    url = "mongodb://ann:secret@127.0.0.1:9/qdash?serverSelectionTimeoutMS=100"
    with pytest.raises(
        StoreError, match=r"cannot open the documents of mongodb://127.0.0.1:9/qdash"
    ) as refused:
        read(url, lambda: Result.find_all().count())
    assert "secret" not in str(refused.value)


def test_indexes_are_made_without_beanie(store: MongoStore, mongo_url: str) -> None:
    """The first opening finds them, and the second one a store that lacks those of a collection."""
    code = f"""
import sys
from pymongo import MongoClient
from qdash_core.repositories.catalogue import CATALOGUE
from qdash_mongo.store import MongoStore

MongoStore.open({mongo_url!r}).close()
print('beanie' in sys.modules)
with MongoClient({mongo_url!r}) as client:
    database = client.get_default_database()
    database["tag"].drop_indexes()
    database[CATALOGUE].delete_one({{"_id": "tag"}})
MongoStore.open({mongo_url!r}).close()
print('beanie' in sys.modules)
"""

    def imports() -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
        )
        return done.stdout.split()

    assert imports() == ["False", "False"]
    with MongoClient[dict[str, Any]](mongo_url) as client:
        assert len(client.get_default_database()["tag"].index_information()) == 2
