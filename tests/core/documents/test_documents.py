"""View models: each has a valid example, and imports no module of writers, interfaces or numerics."""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

import qdash_core.documents
from qdash_core.documents.base import Document, ExplicitDocument
from qdash_core.documents.pages import PageOf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
    return sorted(
        own - {ExplicitDocument, *below(PageOf), PageOf}, key=lambda one: (one.__module__, one.__name__)
    )


DOCUMENTS = list_documents()
"""View models before any test creates another."""


def list_examples(kind: type[Document]) -> list[Any]:
    extra = kind.__dict__["model_config"].get("json_schema_extra")
    assert isinstance(extra, dict), f"{kind.__name__} has no example"
    found = extra["examples"]
    assert isinstance(found, list)
    return found


def find_example_fault(kind: type[Document]) -> str:
    for example in list_examples(kind):
        try:
            shown = kind.model_validate_json(json.dumps(example)).as_json()
        except ValidationError as error:
            return str(error)
        if json.dumps(shown) != json.dumps(example):
            return f"{shown} is not {example} in the same order"
    return "" if list_examples(kind) else "no example"


def find_schema_fault(kind: type[Document]) -> str:
    schema = kind.model_json_schema(mode="serialization")
    fields = [field.serialization_alias or field.alias or name for name, field in kind.model_fields.items()]
    if list(schema["properties"]) != fields:
        return f"{list(schema['properties'])} are not {fields}"
    return "" if schema["examples"] == list_examples(kind) else f"examples {schema['examples']}"


@pytest.mark.parametrize("find_fault", [find_example_fault, find_schema_fault])
def test_every_document_has_its_examples_and_fields(find_fault: Callable[[type[Document]], str]) -> None:
    assert len(DOCUMENTS) > 200
    assert {kind.__name__: fault for kind in DOCUMENTS if (fault := find_fault(kind))} == {}


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
