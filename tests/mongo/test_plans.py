"""Query plans of the most frequent queries: each uses an index, without sorting, and reads few documents
beyond its results.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from pymongo import MongoClient

from qdash_core.repositories.queries import get_value, make_query
from qdash_core.repositories.schema import COLLECTIONS
from qdash_core.repositories.store import Has, Range, Words
from qdash_mongo.filters import make_filter, make_sort
from qdash_mongo.store import MongoStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pymongo.database import Database

    from qdash_core.repositories.store import Document
    from qdash_mongo.server import MongoServer

PAGE = 20
ON_CHIP = {"project_id": "p", "chip_id": "A"}
IN_COOLDOWN = {"project_id": "p", "cooldown_id": "1"}
TARGET = {**ON_CHIP, "name": "CheckT1", "qid": "3"}
QUESTIONS: dict[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "newest results of a chip": ("task_result_history", ON_CHIP, ("-start_at",)),
    "results of some hours of a chip": (
        "task_result_history",
        {**ON_CHIP, "start_at": Range(least="2026-00100", below="2026-00500")},
        ("-start_at",),
    ),
    "results of a task on a target": ("task_result_history", TARGET, ("-start_at",)),
    "results of an execution": (
        "task_result_history",
        {"project_id": "p", "execution_id": "e7"},
        ("start_at",),
    ),
    "noted results": (
        "task_result_history",
        {**ON_CHIP, "user_note.updated_at": Range()},
        ("-user_note.updated_at",),
    ),
    "results of a cool-down": ("task_result_history", IN_COOLDOWN, ("-start_at",)),
    "results of some hours of a cool-down": (
        "task_result_history",
        {**IN_COOLDOWN, "start_at": Range(least="2026-00100", below="2026-00500")},
        ("-start_at",),
    ),
    "results of a user": ("task_result_history", {"project_id": "p", "username": "ann"}, ("-start_at",)),
    "results with a tag": ("task_result_history", {"project_id": "p", "tags": Has("day")}, ("-start_at",)),
    "results of a task in an execution": (
        "task_result_history",
        {"project_id": "p", "execution_id": "e7", "name": "CheckT1", "verdict": "flagged"},
        (),
    ),
    "results that were flagged": (
        "task_result_history",
        {"project_id": "p", "verdict": "flagged"},
        ("-start_at",),
    ),
    "results with a word": (
        "task_result_history",
        {"project_id": "p", "message": Words("noise")},
        ("-start_at",),
    ),
    "latest results of a chip": ("latest_result", ON_CHIP, ()),
    "latest results of a task": ("latest_result", {**ON_CHIP, "name": "Check12"}, ()),
    "executions of a project": ("execution_history", {"project_id": "p"}, ("-start_at",)),
    "executions of a chip": ("execution_history", ON_CHIP, ("-start_at",)),
    "executions of a user": ("execution_history", {"project_id": "p", "username": "ann"}, ("-start_at",)),
    "executions of a cool-down": ("execution_history", IN_COOLDOWN, ("-start_at",)),
    "executions with a tag": ("execution_history", {"project_id": "p", "tags": Has("day")}, ("-start_at",)),
    "executions that run": ("execution_history", {"project_id": "p", "status": "running"}, ()),
    "edits of notes of a chip": ("note_event", ON_CHIP, ("-created_at",)),
    "edits of notes of a target": (
        "note_event",
        {"project_id": "p", "scope": "qubit", "target_id": "3"},
        ("-created_at",),
    ),
    "edits of notes of a project": ("note_event", {"project_id": "p"}, ("-created_at",)),
    "events since one": ("event", {"project_id": "p", "seq": Range(above=10)}, ("seq",)),
    "latest note of a laboratory's library": ("calibration_note", ON_CHIP, ("-timestamp",)),
    "notes on metrics in a scope": ("metric_note", {**ON_CHIP, "scope_key": "cooldown:1"}, ()),
    "cool-downs of a chip": ("cooldown", {"project_id": "p", "chip_ids": Has("A")}, ("-started_at",)),
    "newest issues": ("issue", {"project_id": "p"}, ("-updated_at",)),
    "newest issues of a chip": ("issue", ON_CHIP, ("-updated_at",)),
    "open issues of a chip": ("issue", {**ON_CHIP, "state": "open"}, ("-updated_at",)),
    "issues of a target": ("issue", {"project_id": "p", "targets": Has("3")}, ("-updated_at",)),
    "issues of an assignee": ("issue", {"project_id": "p", "assignees": Has("ann")}, ("-updated_at",)),
    "issues with a word": ("issue", {"project_id": "p", "words": Words("noise")}, ("-updated_at",)),
    "issues about a task": ("issue", {"project_id": "p", "task": "CheckT1"}, ("-updated_at",)),
    "days of a chip": (
        "qubit_history",
        {**ON_CHIP, "recorded_date": Range(below="2027")},
        ("-recorded_date",),
    ),
    "days of a qubit": ("qubit_history", {**ON_CHIP, "qid": "3"}, ("recorded_date",)),
}


def document(number: int) -> Document:
    """Return a generic document with all queried fields, and more."""
    moment = f"2026-{number:05}"
    return {
        "project_id": "p" if number % 10 else "q",
        "chip_id": "AB"[number % 2],
        "username": ("ann", "bob", f"user {number}")[number % 3],
        "name": ("CheckT1", "CheckRabi")[number // 2 % 2],
        "qid": str(number % 7),
        "task_id": str(number),
        "execution_id": f"e{number // 40}",
        "verdict": "flagged" if number % 20 == 1 else "accepted",
        "message": f"noise, point {number % 100}" if number % 2 else "",
        "status": "running" if number % 50 == 1 else "completed",
        "start_at": moment,
        "cooldown_id": "1" if number % 3 == 0 else None,
        "user_note": {"updated_at": moment} if number % 11 == 1 else {},
        "scope": "qubit",
        "target_type": "qubit",
        "target_id": str(number % 7),
        "metric_key": f"m{number}",
        "scope_key": f"cooldown:{number % 5}",
        "timestamp": moment,
        "created_at": moment,
        "recorded_date": moment,
        "started_at": moment,
        "chip_ids": ["A"] if number % 4 == 0 else ["B", "C"],
        "tags": ["day"] if number % 4 == 0 else ["cold", "night"],
        "issue_id": str(number),
        "state": "open" if number % 5 == 1 else "closed",
        "task": ("CheckT1", "CheckRabi")[number // 2 % 2],
        "updated_at": moment,
        "targets": [str(number % 7)],
        "assignees": ["ann"] if number % 6 == 1 else [],
        "words": f"noise point {number % 100}" if number % 2 else "",
        "content": f"noise, line {number % 100}" if number % 2 else "all well",
    }


@pytest.fixture(scope="module")
def database(mongo_server: MongoServer) -> Iterator[Database[dict[str, Any]]]:
    url = mongo_server.url("plans")
    with closing(MongoStore.open(url)) as store, store.transaction() as transaction:
        for number in range(1, 1001):
            made = document(number)
            transaction.put("user", {"username": f"user {number}", "user_id": f"u{number}"})
            for collection in {collection for collection, _, _ in QUESTIONS.values()}:
                if collection == "latest_result":
                    transaction.put(collection, {**made, "name": f"Check{number}"})
                elif collection == "cooldown":
                    transaction.put(collection, {**made, "cooldown_id": str(number)})
                elif collection == "execution_history":
                    transaction.put(collection, {**made, "execution_id": str(number)})
                else:
                    transaction.put(collection, {**made, "seq": number})
    with MongoClient[dict[str, Any]](url) as client:
        yield client.get_default_database()
    mongo_server.drop("plans")


def explained(
    database: Database[dict[str, Any]],
    collection: str,
    where: dict[str, Any],
    order: tuple[str, ...],
    **asked: Any,
) -> tuple[set[str], dict[str, int]]:
    """Return the stages of the query plan, and the execution statistics."""
    query = make_query(COLLECTIONS[collection], where, order=order, limit=PAGE, **asked)
    sort = {"sort": dict(make_sort(query))} if query.order else {}
    find = {"find": collection, "filter": make_filter(query), "limit": PAGE, **sort}
    answer = database.command("explain", find, verbosity="executionStats")
    return {*stages(answer["queryPlanner"]["winningPlan"])}, answer["executionStats"]


def stages(plan: Any) -> Iterator[str]:
    if isinstance(plan, dict):
        if "stage" in plan:
            yield plan["stage"]
        for part in plan.values():
            yield from stages(part)
    elif isinstance(plan, list):
        for part in plan:
            yield from stages(part)


@pytest.mark.slow
@pytest.mark.parametrize("what", QUESTIONS)
def test_a_page_is_read_by_an_index_in_its_order(database: Database[dict[str, Any]], what: str) -> None:
    collection, where, order = QUESTIONS[what]
    chosen, did = explained(database, collection, where, order)
    assert did["nReturned"] > 0
    assert not chosen & {"COLLSCAN", "SORT"}
    assert did["totalDocsExamined"] == did["nReturned"]
    if did["nReturned"] < PAGE or not order:
        return
    query = make_query(COLLECTIONS[collection], where, order=order)
    [last] = database[collection].find(make_filter(query)).sort(make_sort(query)).skip(PAGE - 1).limit(1)
    fields = (*(name.removeprefix("-") for name in order), *COLLECTIONS[collection].key)
    behind = [get_value(last, name) for name in fields]
    chosen, did = explained(database, collection, where, order, after=behind)
    assert did["nReturned"] > 0
    assert not chosen & {"COLLSCAN", "SORT"}
    assert did["totalDocsExamined"] <= did["nReturned"] + 1


@pytest.mark.slow
def test_the_history_of_a_value_reads_no_documents(database: Database[dict[str, Any]]) -> None:
    where = {**TARGET, "start_at": Range(least="2026-00100")}
    query = make_query(COLLECTIONS["task_result_history"], where, order=("-start_at",))
    briefs = database["task_result_history"].find(make_filter(query), {"_id": False, "_brief": True})
    did = briefs.sort(make_sort(query)).explain()["executionStats"]
    assert did["nReturned"] > 0
    assert did["totalDocsExamined"] == 0


@pytest.mark.slow
def test_unique_values_are_found_by_their_index(database: Database[dict[str, Any]]) -> None:
    chosen, did = explained(database, "user", {"user_id": "u7"}, ())
    assert "COLLSCAN" not in chosen
    assert (did["nReturned"], did["totalDocsExamined"]) == (1, 1)


@pytest.mark.slow
def test_a_search_of_notes_reads_only_documents_with_the_rarest_word(
    database: Database[dict[str, Any]],
) -> None:
    where = {"project_id": "p", "content": Words("Line 13")}
    chosen, did = explained(database, "note_event", where, ("-created_at",))
    assert did["nReturned"] == 10
    assert "COLLSCAN" not in chosen
    assert did["totalDocsExamined"] <= 20
