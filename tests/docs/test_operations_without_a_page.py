"""Table of the operations that the dashboard does not call, against the OpenAPI document and the sources of the dashboard."""

from __future__ import annotations

import ast
import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from qdash_core.features.declarations import list_known_features

from .pages import ROOT
from .test_documentation import text_of

if TYPE_CHECKING:
    from pathlib import Path

UI = ROOT / "packages/qdash-ui-streamlit/src"
BUILTIN = ROOT / "packages/qdash-builtin/src/qdash_builtin"
_STREAMED = {"qdash_builtin.conversations.host_answer": "ask_question"}
"""Operations with a module of their own in the client, since their responses are streams."""
OPERATIONS = re.compile(r"qdash_builtin\.\w+\.operations\b")
"""Modules of operations: those of the room, and that of a feature without a room."""
_HOLE = re.compile(r"\$?\{[^{}]*\}")
_JAVASCRIPT_STRING = re.compile(r"`[^`]*`|\"[^\"\n]*\"")


@cache
def read_document() -> dict[str, Any]:
    """Return the OpenAPI document."""
    read: dict[str, Any] = json.loads((ROOT / "packages/qdash-remote/openapi.json").read_text("utf-8"))
    return read


def list_operations() -> dict[str, tuple[str, str]]:
    """Return method and path of each operation, by its id."""
    document = read_document()
    return {
        operation["operationId"]: (method, path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def list_page_modules() -> set[Path]:
    """Return the modules of features that draw pages and sections: those in their folders `pages`, and named ones."""
    named = {
        one
        for feature in list_known_features()
        for one in (
            *(page.drawn_by for page in feature.pages),
            *(str(section.draw) for section in feature.sections),
        )
    }
    modules = {one.partition(":")[0] for one in named if one.startswith("qdash_builtin.")}
    return {
        *(BUILTIN.parent / f"{module.replace('.', '/')}.py" for module in modules),
        *BUILTIN.glob("*/pages/**/*.py"),
    }


def find_used_names() -> tuple[set[str], set[str]]:
    """Return the names that the dashboard imports from the operations, and its texts with `{}` for each inserted value."""
    imported: set[str] = set()
    texts: set[str] = set()
    for file in (*UI.rglob("*.py"), *list_page_modules()):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and OPERATIONS.match(node.module or ""):
                imported |= {one.name for one in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module in _STREAMED:
                imported.add(_STREAMED[node.module])
            elif isinstance(node, ast.JoinedStr):
                texts.add(
                    "".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in node.values)
                )
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
    for file in (*UI.rglob("*.js"), *BUILTIN.glob("*/pages/**/*.js")):
        for text in _JAVASCRIPT_STRING.findall(file.read_text(encoding="utf-8")):
            texts.add(_HOLE.sub("{}", text[1:-1]))
    return imported, {one.partition("?")[0] for one in texts}


def is_named(method: str, path: str, texts: set[str]) -> bool:
    """Return whether a text is the path of an operation or, for a download, its end after an inserted beginning."""
    whole = _HOLE.sub("{}", path)
    if "/" not in whole[1:] or (method != "get" and "{" in path):  # else any word or page would be its path
        return whole in texts
    end = whole.rpartition("/")[2]
    return bool({whole, whole[1:], *({f"{{}}/{end}"} if method == "get" and end != "{}" else ())} & texts)


def find_answer(path: str) -> str | None:
    """Return the name of the model that a path answers, or None if it answers no JSON object."""
    responses = read_document()["paths"][path]["get"]["responses"]
    content = responses.get("200", {}).get("content", {}).get("application/json", {})
    found: str | None = content.get("schema", {}).get("$ref")
    return found


def find_item(page: str | None) -> str | None:
    """Return the name of the model of the items of a page, or None if the answer is none."""
    model = read_document()["components"]["schemas"][page.rpartition("/")[2]] if page else {}
    found: str | None = model.get("properties", {}).get("items", {}).get("items", {}).get("$ref")
    return found


def is_listed(method: str, path: str, called: set[tuple[str, str]]) -> bool:
    """Return whether an operation shows one record of those that a page lists, with all that it shows."""
    several, _, one = path.rpartition("/")
    if method != "get" or not one.startswith("{") or ("get", several) not in called:
        return False
    item = find_item(find_answer(several))
    return item is not None and item == find_answer(path)


def test_an_operation_has_a_page_or_a_reason() -> None:
    section = (
        text_of("docs/dashboard.md").partition("\n## Operations without a page\n")[2].partition("\n## ")[0]
    )
    rows = re.findall(r"^\| (`.+`) \| (.+\.) \|$", section, re.MULTILINE)
    listed = [name for names, _ in rows for name in re.findall(r"`(\w+)`", names)]
    imported, texts = find_used_names()
    imported |= {one.replace("target", kind) for one in imported for kind in ("qubit", "coupling")}
    operations = list_operations()
    called = {
        (method, path)
        for name, (method, path) in operations.items()
        if name in imported or is_named(method, path, texts)
    }
    absent = {
        name
        for name, (method, path) in operations.items()
        if (method, path) not in called and not is_listed(method, path, called)
    }
    assert sorted(listed) == sorted(absent), "complete or shorten the table in docs/dashboard.md"


def test_a_list_covers_operations_only_that_show_one_of_its_items() -> None:
    assert is_listed("get", "/users/{username}", {("get", "/users")})
    assert not is_listed("get", "/users/{username}", set())
    assert not is_listed("get", "/chips/{chip_id}", {("get", "/chips")}), "a chip has more than a row"
