"""Events that pages of the dashboard hear: those that change their contents, as their imports of operations of the host tell."""

from __future__ import annotations

import ast
import re
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

import qdash_builtin
import qdash_ui_streamlit
from qdash_core.hooks.manager import load_plugins
from qdash_core.models.event_kinds import list_event_kinds
from qdash_core.operations.operation import Operation
from qdash_core.parsing.wildcards import match_names
from qdash_ui_streamlit.components import event_kinds

from ..docs.test_operations_without_a_page import OPERATIONS

ROOT = Path(qdash_ui_streamlit.__file__).parent
BUILTIN = Path(qdash_builtin.__file__).parent
SETS = {
    name: value for name, value in vars(event_kinds).items() if name.isupper() and name != "TYPE_CHECKING"
}
OWN_KINDS = ("events", "entity_records")
"""Pages that follow the kinds that are chosen, or those of their entity."""
CHANGED_BY_TASKS = {
    *("chip_trends", "chip_values", "compare_points", "compare_releases", "compare_results", "list_results"),
    *(
        "list_review",
        "list_value_events",
        "metric_history",
        "metric_statistics",
        "metric_summary",
        "newest_results",
        "result_neighbours",
    ),
    *("preview_reversion", "show_chip", "show_digest", "show_result", "show_value_scope", "task_record"),
}
"""Operations whose answers change when a task ends: their pages hear every event."""
CHANGED = {
    *CHANGED_BY_TASKS,
    *(
        "chip_design",
        "execution_header",
        "list_releases",
        "list_value_scopes",
        "note_timeline",
        "notes_of_chip",
    ),
    *(
        "show_execution",
        "show_impact",
        "show_metric_note_of_target",
        "show_note_of_result",
        "show_value_event",
    ),
}
"""Operations whose answers other events change."""
UNCHANGED = {
    *("chip_topology", "deletion_impact", "export_release", "list_chips", "list_tasks", "metric_definitions"),
    *("overlay_results", "result_figure", "show_note_event", "show_task"),
}
TAGS = (
    *("chips", "digests", "metrics", "note_events", "notes", "provenance", "releases", "results", "review"),
    *("tasks", "value-scopes", "values"),
)
"""Tags of the operations that show statuses, values, verdicts, notes or releases."""
WRITES = (
    "adopt_",
    "edit_",
    "set_",
    "create_",
    "delete_",
    "discard_",
    "commit_",
    "undo_",
    "revert_",
    "note_result",
    "note_metric",
)
STILL = {
    "chip_export": "a form; the file is made when it is requested",
    "edit_chip": "a form",
    "execution": "the name of a run; its header and tasks hear events",
}
NOT_FOLLOWED = {
    ("issue_section", "show_result"): "only whether a result is a problem when an issue begins",
    ("overview", "show_digest"): "the digest below hears every event",
}


@cache
def parse_pages() -> dict[str, ast.Module]:
    """Return the modules of pages and sections; one that only draws a form, a dialog or a value hears no events."""
    files = [*BUILTIN.glob("*/pages/*.py"), *(ROOT / "pages").glob("*.py")]
    parsed = {file.stem: ast.parse(file.read_text("utf-8")) for file in files}
    drawn = {one.module.rpartition(".")[2] for _, one in load_plugins().sections()}
    drawn |= {page.drawn_by.partition(":")[0].rpartition(".")[2] for page in load_plugins().pages()}
    return {
        name: tree for name, tree in parsed.items() if name in drawn or "rerun_on_events" in ast.dump(tree)
    }


@cache
def list_imports(page: str) -> tuple[frozenset[tuple[str, str]], frozenset[str]]:
    """Return the operations that a page imports when it runs, as tag and name, and the other pages, with those of its sections."""
    operations, pages = set(), set()
    for node in parse_pages()[page].body:
        if not isinstance(node, ast.ImportFrom) or node.module is None:
            continue
        names = [alias.name for alias in node.names]
        if OPERATIONS.match(node.module):
            imported = [getattr(import_module(node.module), name) for name in names]
            operations |= {(one.tag, one.name) for one in imported if isinstance(one, Operation)}
        elif re.match(r"qdash_builtin\.\w+\.pages|qdash_ui_streamlit\.pages", node.module):
            pages |= {node.module.rpartition(".")[2], *names} & {*parse_pages()}
    return frozenset(operations), frozenset(pages | list_sections(page))


def list_sections(page: str) -> set[str]:
    """Return the modules of the dashboard's own sections on a page."""
    calls = [node for node in ast.walk(parse_pages()[page]) if isinstance(node, ast.Call)]
    slots: set[object] = set()
    for call in calls:
        if isinstance(call.func, ast.Name) and call.func.id == "draw_sections":
            slot = call.args[1]
            slots |= {slot.value} if isinstance(slot, ast.Constant) else {"qubit", "coupling"}
    drawn = {one.module.rpartition(".")[2] for _, one in load_plugins().sections() if one.slot in slots}
    return drawn & {*parse_pages()}


@cache
def list_heard(page: str) -> frozenset[str]:
    """Return the kinds of events after which a page is drawn again, as its source names them."""
    calls = [node for node in ast.walk(parse_pages()[page]) if isinstance(node, ast.Call)]
    named = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "rerun_on_events"]
    return frozenset(ast.unparse(call.args[1]) for call in named)


LIVE = sorted(page for page in parse_pages() if list_heard(page))


def list_parts(page: str) -> set[str]:
    """Return a page with the modules of its parts that hear no events of their own."""
    found, left = set(), [page]
    while left:
        if (part := left.pop()) not in found:
            found.add(part)
            left += [one for one in list_imports(part)[1] if not list_heard(one)]
    return found


def list_shown(page: str) -> set[str]:
    """Return the operations whose answers a page and its parts show."""
    return {name for part in list_parts(page) for _, name in list_imports(part)[0]}


def test_a_set_has_only_kinds_of_recorded_events() -> None:
    for name, kinds in SETS.items():
        assert all(match_names(kind.removeprefix("!"), list_event_kinds()) for kind in kinds), name


@pytest.mark.parametrize("page", LIVE)
def test_a_live_page_names_a_set_of_kinds(page: str) -> None:
    heard = list_heard(page)
    assert heard <= {*SETS} or page in OWN_KINDS, f"{page} has kinds of its own: name a set of event_kinds"


@pytest.mark.parametrize("page", [page for page in LIVE if "ALL" not in list_heard(page)])
def test_a_page_without_the_events_of_tasks_shows_nothing_that_they_change(page: str) -> None:
    missed = {one for one in list_shown(page) & CHANGED_BY_TASKS if (page, one) not in NOT_FOLLOWED}
    assert not missed, (
        f"{page} shows the answers of operations and misses the end of tasks, which changes them"
    )


def test_a_page_that_shows_values_statuses_notes_or_releases_is_live() -> None:
    followed = {part for page in LIVE for part in list_parts(page)}
    still = {
        page
        for page in parse_pages()
        if any(name in CHANGED for _, name in list_imports(page)[0]) and page not in followed
    }
    assert still == {*STILL}, "pages that show what no event draws again"


def test_what_changes_the_answer_of_every_such_operation_is_stated() -> None:
    shown = {
        name
        for page in parse_pages()
        for tag, name in list_imports(page)[0]
        if tag in TAGS and not name.startswith(WRITES)
    }
    assert shown - CHANGED - UNCHANGED == set(), (
        "operations of pages of which no set above says what changes them"
    )


def test_a_component_that_loads_data_itself_follows_a_set_or_one_execution() -> None:
    for file in (*ROOT.glob("components/*/*.js"), *BUILTIN.glob("*/pages/**/*.js")):
        text = file.read_text("utf-8")
        if "on_event(" in text and file.parent.name != "event_rerun":
            assert "has_kind(" in text or "event.execution_id" in text, file.name
        if "has_kind(" in text and file.parent.name != "event_rerun":
            assert '"kinds": ' in (file.parent / "__init__.py").read_text("utf-8"), file.name
