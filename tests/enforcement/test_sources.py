"""How the sources read: every module says what it is, and has a name that says it too."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted([*ROOT.glob("packages/*/src/**/*.py"), *ROOT.glob("src/**/*.py")])
MEANINGLESS = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "base2", "stuff"}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_there_are_sources() -> None:
    assert len(SOURCES) > 100


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_module_begins_with_a_sentence(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text("utf-8")))

    assert docstring, "no docstring"
    first = docstring.partition("\n\n")[0]
    assert first[0].isupper() or first[0] in "`'\"", "it begins like a sentence"
    assert first.rstrip().endswith((".", "?", ":")), "it ends like a sentence"


@pytest.mark.parametrize("path", [*SOURCES, *sorted(ROOT.glob("tests/**/*.py"))], ids=name_of)
def test_a_name_says_what_is_in_it(path: Path) -> None:
    words = set(path.stem.split("_")) | set(path.parent.name.split("_"))

    assert not words & MEANINGLESS
