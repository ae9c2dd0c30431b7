"""View models: the recorded samples are valid, and none imports a module of writers, interfaces or numerics."""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from pydantic import ValidationError

import qdash_builtin
import qdash_core.documents
from qdash_api.samples import read_samples
from qdash_core.documents.base import Document, ExplicitDocument
from qdash_core.documents.pages import PageOf

if TYPE_CHECKING:
    from collections.abc import Iterator

MODULES = sorted(
    module.name
    for package in (qdash_core.documents, qdash_builtin)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if not module.ispkg and {"documents", "views"} & {*module.name.split(".")}
)


def list_documents() -> list[type[Document]]:
    """Return all view models."""
    for name in MODULES:
        import_module(name)

    def below(kind: type[Document]) -> Iterator[type[Document]]:
        for one in kind.__subclasses__():
            yield one
            yield from below(one)

    own = {
        one
        for one in below(Document)
        if one.__module__.startswith(("qdash_builtin.", "qdash_core.documents."))
    }
    return sorted(
        own - {ExplicitDocument, *below(PageOf), PageOf}, key=lambda one: (one.__module__, one.__name__)
    )


DOCUMENTS = list_documents()
"""View models before any test creates another."""


def find_sample_fault(kind: type[Document]) -> str:
    sample = read_samples("qdash_builtin")[kind.__name__]
    try:
        shown = kind.model_validate_json(json.dumps(sample)).as_json()
    except ValidationError as error:
        return str(error)
    return "" if json.dumps(shown) == json.dumps(sample) else f"{shown} is not {sample} in the same order"


def test_every_sample_of_a_document_is_one() -> None:
    recorded = [kind for kind in DOCUMENTS if kind.__name__ in read_samples("qdash_builtin")]
    assert len(recorded) > 200
    assert {kind.__name__: fault for kind in recorded if (fault := find_sample_fault(kind))} == {}


def test_samples_are_sorted_and_their_names_are_those_of_one_class() -> None:
    assert list(read_samples("qdash_builtin")) == sorted(read_samples("qdash_builtin"))
    names = [kind.__name__ for kind in DOCUMENTS]
    assert len(names) == len({*names})


def find_schema_fault(kind: type[Document]) -> str:
    fields = [field.serialization_alias or field.alias or name for name, field in kind.model_fields.items()]
    shown = list(kind.model_json_schema(mode="serialization")["properties"])
    return "" if shown == fields else f"{shown} are not {fields}"


def test_the_schema_of_every_document_has_its_fields_in_order() -> None:
    assert len(DOCUMENTS) > 200
    assert {kind.__name__: fault for kind in DOCUMENTS if (fault := find_schema_fault(kind))} == {}


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
heavy = ("numpy", "click", "sqlite3", "qdash_cli", "qdash_core.repositories")
assert not set(heavy) & set(sys.modules), set(heavy) & set(sys.modules)
"""
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=60)
