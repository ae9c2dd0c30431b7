"""View models: each has a valid example, and imports no module of writers, interfaces or numerics."""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import qdash_core.documents
from qdash_core.documents.base import Document, ExplicitDocument

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(qdash_core.documents.__path__, "qdash_core.documents.")
    if not module.ispkg
)


def list_documents() -> list[type[Document]]:
    """Return all view models."""
    for name in MODULES:
        import_module(name)

    def below(kind: type[Document]) -> Iterator[type[Document]]:
        for one in kind.__subclasses__():
            yield one
            yield from below(one)

    own = {one for one in below(Document) if one.__module__.startswith("qdash_core.documents.")}
    return sorted(own - {ExplicitDocument}, key=lambda one: (one.__module__, one.__name__))


DOCUMENTS = list_documents()
"""View models before any test creates another."""


def list_examples(kind: type[Document]) -> list[Any]:
    extra = kind.__dict__["model_config"].get("json_schema_extra")
    assert isinstance(extra, dict), f"{kind.__name__} has no example"
    found = extra["examples"]
    assert isinstance(found, list)
    return found


def test_the_example_of_a_document_is_one(subtests: pytest.Subtests) -> None:
    for kind in DOCUMENTS:
        with subtests.test(kind.__name__):
            assert list_examples(kind)
            for example in list_examples(kind):
                shown = kind.model_validate_json(json.dumps(example)).as_json()
                assert json.dumps(shown) == json.dumps(example), "in the same order, too"


def test_the_schema_of_a_document_names_its_fields(subtests: pytest.Subtests) -> None:
    for kind in DOCUMENTS:
        with subtests.test(kind.__name__):
            schema = kind.model_json_schema(mode="serialization")
            of_fields = kind.model_fields.items()
            fields = [field.serialization_alias or field.alias or name for name, field in of_fields]
            assert list(schema["properties"]) == fields
            assert schema["examples"] == list_examples(kind)


class Sample(ExplicitDocument):
    """A view model with null fields."""

    given: int | None
    optional: int | None = None


def test_what_is_absent_is_left_out_and_a_null_is_kept_where_it_says_something() -> None:
    assert Sample(given=None).as_json() == {"given": None}
    assert Sample(given=0, optional=0).as_json() == {"given": 0, "optional": 0}


def test_a_document_needs_neither_numbers_nor_a_store_nor_the_command_line() -> None:
    code = f"""
import sys
from importlib import import_module
for name in {MODULES!r}:
    import_module(name)
heavy = ("numpy", "click", "sqlite3", "qdash_core.cli", "qdash_core.repositories")
assert not set(heavy) & set(sys.modules), set(heavy) & set(sys.modules)
"""
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=60)
