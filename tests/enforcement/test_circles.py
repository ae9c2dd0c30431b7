"""Circles of imports that import-linter does not see, since a module is named by a string."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MEMBERS = sorted(
    one.parent for one in ROOT.glob("packages/*/src/*/__init__.py") if one.parent.name != "qdash_builtin"
)
"""The features of `qdash_builtin` declare by strings what their folder holds, and this imports the declaration."""


def find_uses(source: str, modules: set[str]) -> set[str]:
    """Return the modules that a source imports, or names in strings such as `package.module:function`."""
    named = set[str]()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import():
                named |= {one.name for one in node.names}
            case ast.ImportFrom(module=str(module)):
                named |= {module, *(f"{module}.{one.name}" for one in node.names)}
            case ast.Constant(value=str(text)):
                named.add(text.partition(":")[0])
    return named & modules


def read_graph(member: Path) -> dict[str, set[str]]:
    """Return the modules of a member, each with those that it uses; not the packages that contain it, which it may name to find data."""
    paths = {
        ".".join(path.relative_to(member.parent).with_suffix("").parts).removesuffix(".__init__"): path
        for path in member.rglob("*.py")
    }
    return {
        name: {
            one
            for one in find_uses(path.read_text("utf-8"), {*paths})
            if not f"{name}.".startswith(f"{one}.")
        }
        for name, path in paths.items()
    }


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.name)
def test_no_module_uses_itself_by_others(member: Path) -> None:
    TopologicalSorter(read_graph(member)).prepare()


def test_a_string_that_names_a_module_is_a_use() -> None:
    source = 'from one.pages import week\nPAGE = "one.pages.day:render"\n'
    assert find_uses(source, {"one.pages.week", "one.pages.day", "one.model"}) == {
        "one.pages.week",
        "one.pages.day",
    }
