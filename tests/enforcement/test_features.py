"""Features of QDash: their operations, commands and pages are named by their declarations alone."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
DECLARING = ("feature.py", "plugin.py")
"""Files that declare features."""
NAMED = re.compile(r"qdash_\w+(\.\w+)*\.(resources|cli|pages)\.[\w.]+:\w+")
"""Operations, commands and pages, as features name them."""
FEW = 4
"""Most modules of a room that one module needs for its own subject."""
ROOMS = re.compile(r"qdash_\w+\.(resources|cli|pages)")
IMPORT = re.compile(rf"from {ROOMS.pattern} import")


def find_lists(source: str, subject: str = "") -> Iterator[str]:
    """Yield what a module names of features: objects by text, and modules of a room that one statement imports together."""
    if not NAMED.search(source) and not IMPORT.search(source):
        return  # parsing takes most of the time
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and NAMED.fullmatch(node.value):
            yield node.value
        elif isinstance(node, ast.ImportFrom) and ROOMS.fullmatch(node.module or ""):
            others = [one.name for one in node.names if not one.name.startswith(f"{subject}_")]
            if len(others) > FEW:
                yield f"{node.module}: {', '.join(others)}"


def test_no_module_outside_a_feature_lists_operations_commands_or_pages() -> None:
    modules = [one for one in ROOT.glob("packages/*/src/**/*.py") if one.name not in DECLARING]
    assert len(modules) > 1000
    found = {str(one.relative_to(ROOT)): [*find_lists(one.read_text("utf-8"), one.stem)] for one in modules}
    assert {name: listed for name, listed in found.items() if listed} == {}


def test_a_list_is_found() -> None:
    assert [*find_lists("from qdash_core.resources import audit, chips, files, flows, issues, notes, tags")]
    assert [*find_lists("PAGES = ('qdash_ui_streamlit.pages.notes:render',)")]
    assert not [*find_lists("from qdash_core.resources.notes import list_notes, search_notes, show_note")]
