"""Indexes of a store: those of the schema, covering those of the original system."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from pymongo import MongoClient

from qdash_core.repositories.catalogue import CATALOGUE
from qdash_core.repositories.schema import COLLECTIONS
from qdash_mongo.store import MongoStore

if TYPE_CHECKING:
    from qdash_mongo.server import MongoServer

Index = tuple[tuple[str, ...], bool, tuple[str, ...]]
"""Fields, with `-` if descending; uniqueness; and the fields that a document must have to be indexed."""

REFERENCE: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[2] / "docs/reference_model.yaml").read_text(encoding="utf-8")
)["collections"]
"""Collections of the original system, with the reason wherever ours have another index on purpose."""


@pytest.fixture(scope="module")
def found(mongo_server: MongoServer) -> dict[str, set[Index]]:
    """Indexes of a store after two openings, as listed by its server."""
    url = mongo_server.url("indexes")
    for _ in range(2):
        MongoStore.open(url).close()
    with MongoClient[dict[str, Any]](url) as client:
        database = client.get_default_database()
        return {name: {_index(index) for index in database[name].list_indexes()} for name in COLLECTIONS}


def _index(index: dict[str, Any]) -> Index:
    fields = tuple(f"-{name}" if direction < 0 else name for name, direction in index["key"].items())
    return fields, bool(index.get("unique")), tuple(index.get("partialFilterExpression", ()))


def test_indexes_are_those_of_the_schema(found: dict[str, set[Index]]) -> None:
    for collection in COLLECTIONS.values():

        def ending_with_the_key(
            fields: tuple[str, ...], key: tuple[str, ...] = collection.key
        ) -> tuple[str, ...]:
            return fields + tuple(name for name in key if name not in fields and f"-{name}" not in fields)

        expected: set[Index] = {(("_id",), False, ()), (collection.key, True, ())}
        for fields in (*collection.indexes, *collection.list_indexes):
            brief = ("_brief",) if fields == collection.brief_index else ()
            expected.add(((*ending_with_the_key(fields), *brief), False, ()))
        expected |= {(fields, True, fields) for fields in collection.unique}
        for name, fields in collection.partial.items():
            expected.add((ending_with_the_key(fields), False, (name,)))
        if collection.text:
            expected.add((("_terms", *ending_with_the_key(collection.text_order)), False, ("_terms",)))
        assert found[collection.name] == expected


def test_an_index_that_the_schema_no_longer_has_is_dropped(new_mongo_url: str) -> None:
    MongoStore.open(new_mongo_url).close()
    with MongoClient[dict[str, Any]](new_mongo_url) as client:
        database = client.get_default_database()
        present = database["user"].index_information()
        database["user"].create_index([("username", 1), ("project_id", 1)])
        database[CATALOGUE].update_one({"_id": "user"}, {"$set": {"indexes": "of an earlier version"}})
        MongoStore.open(new_mongo_url).close()
        assert database["user"].index_information() == present


def test_indexes_cover_those_of_the_original_system(
    found: dict[str, set[Index]], subtests: pytest.Subtests
) -> None:
    for collection, wanted_of in REFERENCE.items():
        with subtests.test(collection):
            there = {
                (tuple(field.removeprefix("-") for field in fields), unique, partial)
                for fields, unique, partial in found[collection]
            }
            reasons = wanted_of.get("reasons", {})
            for wanted in wanted_of["indexes"]:
                if reasons.get(wanted, "prefix") != "prefix":
                    continue
                named, _, condition = wanted.partition(" (where ")
                partial = tuple(condition.split()[:1])
                if named.startswith("unique "):
                    fields = {*named.removeprefix("unique ").split(", ")}
                    assert any({*known} == fields and unique for known, unique, _ in there), wanted
                elif named.startswith("text "):
                    assert any(known[0] == "_terms" for known, _, _ in there)  # the word index of all stores
                else:
                    first = tuple(field.removeprefix("-") for field in named.split(", "))
                    assert any(
                        known[: len(first)] == first and only == partial for known, _, only in there
                    ), wanted
