"""No access of tasks to the truth."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import qdash_tasks

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = ("qdash_fake",)
SOURCES = sorted(Path(qdash_tasks.__file__).parent.rglob("*.py"))


def _is_secret(name: str) -> bool:
    return any(name == secret or name.startswith(f"{secret}.") for secret in SECRET)


def _imported(node: ast.AST) -> Iterator[str]:
    """Return all imports below `node`, except those for type checkers only."""
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    for child in ast.iter_child_nodes(node):
        yield from _imported(child)


def test_a_task_imports_neither_twin_nor_truth_nor_physics() -> None:
    texts = {str(path): path.read_text(encoding="utf-8") for path in SOURCES}
    assert texts
    imported = {
        path: [*_imported(ast.parse(text))]
        for path, text in texts.items()
        if any(word in text for word in (*SECRET, "importlib"))
    }
    assert not [
        (path, name)
        for path, names in imported.items()
        for name in names
        if _is_secret(name) or name.startswith("importlib")
    ]


@pytest.mark.slow
def test_nothing_that_tasks_import_brings_the_truth_along() -> None:
    script = "import sys, qdash_tasks.tasks; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "qdash_tasks.tasks" in loaded
    assert not [name for name in loaded if _is_secret(name)]
