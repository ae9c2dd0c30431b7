"""Tables of folders, modules and functions in ARCHITECTURE, against the sources."""

from __future__ import annotations

import ast
import re

from .pages import ROOT

CORE = ROOT / "packages/qdash-core/src/qdash_core"


def test_every_folder_and_module_of_the_core_has_its_row() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    table = text.partition("## Folders")[2].partition("| elsewhere |")[0]
    told = {
        name
        for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
        for name in re.findall(r"`([^`]+)`", row)
    }
    folders = [path.parent for path in CORE.glob("*/__init__.py")]
    there = {f"{path.relative_to(CORE)}/" for path in (*folders, CORE / "session/dispatch")}
    assert told == there | {path.name for path in CORE.glob("*.py") if path.name != "__init__.py"}


def test_every_module_of_a_run_that_is_named_exists() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    table = text.partition("| part of a run | modules |")[2].partition("\n\n")[0]
    named = re.findall(r"`([\w/]+)`", "".join(row.rpartition(" | ")[2] for row in table.splitlines()))
    assert {name for name in named if not (CORE / f"{name}.py").exists()} == set()
    assert len(named) > 10


def test_every_function_of_a_run_that_is_named_exists() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    page = text.partition("## One run, from command to record")[2].partition("\n## ")[0]
    named = re.findall(r"`([a-z_]+(?:/[a-z_]+)+)\.(?!py`)([\w.]+)`", page)
    assert {f"{module}.{name}" for module, name in named if not _defines(module, name)} == set()
    assert len(named) > 25


def _defines(module: str, name: str) -> bool:
    """Return whether a module of the core defines a class, function or method of this qualified name."""
    path = CORE / f"{module}.py"
    inside: list[ast.stmt] = ast.parse(path.read_text(encoding="utf-8")).body if path.exists() else []
    for part in name.split("."):
        defined = [
            node for node in inside if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == part
        ]
        if not defined:
            return False
        inside = defined[0].body
    return True
