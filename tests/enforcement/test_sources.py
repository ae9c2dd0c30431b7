"""Module headlines and module names."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = sorted((*ROOT.glob("packages/*/src/**/*.py"), *ROOT.glob("src/**/*.py")))
TESTS = sorted(ROOT.glob("tests/**/*.py"))
OF_THE_ORIGINAL = ROOT / "src/qdash/workflow/engine/util.py"
"""An import path that the project did not choose."""
MEANINGLESS = {"utils", "util", "helpers", "helper", "common", "misc", "base2", "stuff"}
"""Words that tell nothing. `tools` are functions that a language model calls."""


def wrong_with_the_first_sentence(path: Path) -> str | None:
    """Return the place and the fault of a module's headline, or None."""
    text = path.read_text("utf-8")
    end = text.find('"""', 3) if text.startswith('"""') else -1
    module = ast.parse(text if end < 0 else text[: end + 3])
    docstring = ast.get_docstring(module)
    place = f"{path.relative_to(ROOT)}:{module.body[0].lineno if module.body else 1}"
    if not docstring:
        return f"{place}: no docstring"
    first = docstring.partition("\n\n")[0]
    if not (first[0].isupper() or first[0] in "`'\""):
        return f"{place}: it does not begin like a sentence: {first!r}"
    if not first.rstrip().endswith((".", "?", ":")):
        return f"{place}: it does not end like a sentence: {first!r}"
    return None


def test_there_are_sources() -> None:
    assert len(SOURCES) > 100


def test_a_module_begins_with_a_sentence() -> None:
    wrong = [found for path in SOURCES if (found := wrong_with_the_first_sentence(path))]

    assert not wrong, "\n".join(wrong)


def test_a_name_says_what_is_in_it() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:1: {' and '.join(sorted(found))} says nothing"
        for path in (*SOURCES, *TESTS)
        if path != OF_THE_ORIGINAL
        and (found := MEANINGLESS & {*path.stem.split("_"), *path.parent.name.split("_")})
    ]

    assert not wrong, "\n".join(wrong)
