"""Features of QDash: their operations, commands, pages and collections are named by their declarations alone."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from qdash_core.features.declarations import list_known_features
from qdash_core.models.references import list_record_kinds
from qdash_core.repositories.chips import TargetRepository
from qdash_core.repositories.memory import MemoryStore
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.schema import COLLECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
DECLARING = ("feature.py", "plugin.py")
"""Files that declare features."""
NAMED = re.compile(r"qdash_\w+(\.\w+)*\.(resources|cli|pages|health)\.[\w.]+:\w+")
"""Operations, commands, pages and checks of the doctor, as features name them."""
FEW = 4
"""Most modules of a room that one module needs for its own subject."""
ROOMS = re.compile(r"qdash_\w+\.(resources|cli|pages)")
IMPORT = re.compile(rf"from {ROOMS.pattern} import")

OWN_COLLECTIONS = {name: one.feature for name, one in COLLECTIONS.list_declarations().items() if one.feature}
"""Feature of each collection that is not of the engine."""
RECORD_KINDS = list_record_kinds().keys()
EVENT_KINDS = {kind.name: feature.name for feature in list_known_features() for kind in feature.events}
OTHER_NAMES = {
    "packages/qdash-original/src/qdash_original/collections.py": "collections of the original system",
}
"""Modules with lists of other names that are those of collections, too."""


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
    assert [
        *find_lists("from qdash_ui_streamlit.pages import audit, chips, files, flows, issues, notes, tags")
    ]
    assert [*find_lists("PAGES = ('qdash_builtin.notes.pages.notes:render',)")]
    assert not [
        *find_lists("from qdash_builtin.notes.operations.notes import list_notes, search_notes, show_note")
    ]


def find_collections(source: str) -> Iterator[str]:
    """Yield the lists and tables of a module that name the collections of several features."""
    if sum(f'"{name}"' in source for name in OWN_COLLECTIONS) < 2:
        return
    for node in ast.walk(ast.parse(source)):
        items = (
            node.elts
            if isinstance(node, ast.Tuple | ast.List | ast.Set)
            else node.keys
            if isinstance(node, ast.Dict)
            else []
        )
        named = [one.value for one in items if isinstance(one, ast.Constant) and one.value in OWN_COLLECTIONS]
        if len({OWN_COLLECTIONS[name] for name in named}) > 1:
            yield ", ".join(named)


def test_no_module_lists_the_collections_of_features() -> None:
    modules = {str(one.relative_to(ROOT)): one for one in ROOT.glob("packages/*/src/**/*.py")}
    found = {name: [*find_collections(one.read_text("utf-8"))] for name, one in modules.items()}
    assert {name for name, listed in found.items() if listed} == OTHER_NAMES.keys()
    assert [*find_collections('KEPT = ("issue", "note_event")')]
    assert not [*find_collections('KEPT = ("issue", "issue_event")')]


def test_records_are_read_as_the_model_that_their_collection_declares() -> None:
    for repository in Repositories(MemoryStore.open("memory://")):
        models = {repository.collection: repository.model}
        if isinstance(repository, TargetRepository):
            models[repository.history] = repository.history_model
        for name, model in models.items():
            assert resolve_name(COLLECTIONS[name].model) is model


def find_undeclared_kinds(source: str) -> Iterator[str]:
    """Yield the kinds of records that a module cites and no feature declares."""
    if not re.search(r"\b(Reference|CitedPart|cite)\(", source):
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            kind = node.args[0]
            if node.func.id in ("Reference", "CitedPart", "cite") and isinstance(kind, ast.Constant):
                yield from {str(kind.value)} - RECORD_KINDS


def test_every_kind_of_records_that_a_module_cites_is_declared() -> None:
    modules = ROOT.glob("packages/*/src/**/*.py")
    assert {one for path in modules for one in find_undeclared_kinds(path.read_text("utf-8"))} == set()
    assert [*find_undeclared_kinds('cite("chips", chip_id)')] == ["chips"]


def find_events_of_others(path: Path, source: str) -> Iterator[str]:
    """Yield the kinds of events that a module names and a feature declares to which neither its name nor its folders belong."""
    if not any(f'"{kind}"' in source for kind in EVENT_KINDS):
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in EVENT_KINDS:
            feature = EVENT_KINDS[node.value]
            beginnings = (f"{feature.removesuffix('s')}_", f"{feature}_")
            if not any(f"{part}_".startswith(beginnings) for part in (*path.parts[:-1], path.stem)):
                yield node.value


def test_no_module_outside_a_feature_names_its_kinds_of_events() -> None:
    modules = {one.relative_to(ROOT): one for one in ROOT.glob("packages/*/src/**/*.py")}
    found = {
        str(name): [*find_events_of_others(name, one.read_text("utf-8"))]
        for name, one in modules.items()
        if name.name not in DECLARING
    }
    assert {name: listed for name, listed in found.items() if listed} == {}
    assert [*find_events_of_others(Path("record/results.py"), 'KIND = "note.written"')] == ["note.written"]
    assert not [*find_events_of_others(Path("repositories/notes.py"), 'KIND = "note.written"')]
