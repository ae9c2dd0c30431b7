"""The indexes of a store are those of the schema, and they do what those of the original system do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pymongo import MongoClient

from qdash_core.repositories.schema import COLLECTIONS
from qdash_mongo.store import MongoStore

if TYPE_CHECKING:
    from qdash_mongo.server import MongoServer

Index = tuple[tuple[str, ...], bool, tuple[str, ...]]
"""Fields, with `-` where they descend; whether it is unique; the fields without which a document is not in it."""

REFERENCE: dict[str, list[str]] = {
    "project": ["unique project_id", "owner_user_id name", "unique owner_username name"],
    "project_membership": [
        "unique project_id username",
        "project_id user_id",
        "user_id status",
        "username status",
    ],
    "chip": ["unique project_id chip_id", "username chip_id"],
    "qubit": ["unique project_id chip_id qid", "project_id username"],
    "coupling": ["unique project_id chip_id qid", "project_id username"],
    "metric_note": [
        "unique project_id chip_id target_type target_id metric_key scope_key",
        "project_id chip_id scope_key target_type target_id",
        "project_id chip_id scope_started_at scope_ended_at",
    ],
    "execution_history": [
        "unique project_id execution_id",
        "project_id chip_id start_at",
        "project_id chip_id",
        "project_id username start_at",
    ],
    "task_result_history": [
        "unique project_id task_id",
        "project_id execution_id",
        "project_id chip_id start_at",
        "project_id chip_id name qid start_at",
        "project_id chip_id user_note.updated_at",
        "project_id cooldown_id start_at",
    ],
    "qubit_history": ["unique project_id chip_id qid recorded_date"],
    "coupling_history": ["unique project_id chip_id qid recorded_date"],
    "chip_history": ["unique project_id chip_id recorded_date"],
    "task": ["unique project_id backend name", "project_id task_type"],  # there for several backends
    "backend": ["unique project_id name"],
    "user": ["unique username", "unique user_id"],
    "access_token": ["unique token_hash"],  # there a field of the user, and the token itself
    "tag": ["unique project_id name"],
    "execution_lock": ["unique project_id chip_id"],  # there one a project
    "execution_counter": ["unique project_id date"],  # there one a chip, so that ids collided
    "calibration_note": [
        "unique project_id chip_id execution_id task_id",
        "project_id chip_id timestamp",
    ],
    "note_event": [
        "project_id chip_id created_at",
        "project_id scope target_id created_at",
        "_terms",  # there a text index on `content`
    ],
    "cryostat": ["unique project_id cryo_id"],
    "cooldown": [
        "unique project_id cooldown_id",
        "project_id cryo_id started_at",
        "project_id chip_ids started_at",
        "project_id started_at",
    ],
    "flows": ["unique project_id name", "project_id created_at"],
}
"""The original system's, as the decisions amend them."""


@pytest.fixture(scope="module")
def found(mongo_server: MongoServer) -> dict[str, set[Index]]:
    """Indexes of a store that was opened twice, as its server lists them."""
    url = mongo_server.url("indexes")
    for _ in range(2):
        MongoStore.open(url).close()
    with MongoClient[dict[str, Any]](url) as client:
        database = client.get_default_database()
        return {name: {_index(index) for index in database[name].list_indexes()} for name in COLLECTIONS}


def _index(index: dict[str, Any]) -> Index:
    fields = tuple(f"-{name}" if direction < 0 else name for name, direction in index["key"].items())
    return fields, bool(index.get("unique")), tuple(index.get("partialFilterExpression", ()))


def test_they_are_those_of_the_schema(found: dict[str, set[Index]]) -> None:
    for collection in COLLECTIONS.values():

        def ending_with_the_key(
            fields: tuple[str, ...], key: tuple[str, ...] = collection.key
        ) -> tuple[str, ...]:
            return fields + tuple(name for name in key if name not in fields and f"-{name}" not in fields)

        expected: set[Index] = {(("_id",), False, ()), (collection.key, True, ())}
        for fields in (*collection.indexes, *collection.list_indexes):
            expected.add((ending_with_the_key(fields), False, ()))
        expected |= {(fields, True, fields) for fields in collection.unique}
        for name, fields in collection.partial.items():
            expected.add((ending_with_the_key(fields), False, (name,)))
        if collection.text:
            expected.add((("_terms",), False, ()))
        assert found[collection.name] == expected


@pytest.mark.parametrize("collection", REFERENCE)
def test_they_cover_those_of_the_original_system(found: dict[str, set[Index]], collection: str) -> None:
    there = {
        (tuple(field.removeprefix("-") for field in fields), unique)
        for fields, unique, _ in found[collection]
    }
    for wanted in REFERENCE[collection]:
        unique = wanted.startswith("unique ")
        fields = tuple(wanted.removeprefix("unique ").split())
        assert any(
            known == fields if unique else known[: len(fields)] == fields
            for known, is_unique in there
            if is_unique or not unique
        ), wanted
