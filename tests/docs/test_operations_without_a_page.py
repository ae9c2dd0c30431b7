"""Operations that the dashboard does not call, against the OpenAPI document and the sources of the dashboard."""

from __future__ import annotations

import ast
import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from qdash_core.features.declarations import list_known_features

from .pages import ROOT

if TYPE_CHECKING:
    from pathlib import Path

UI = ROOT / "packages/qdash-ui-streamlit/src"
BUILTIN = ROOT / "packages/qdash-builtin/src/qdash_builtin"
_STREAMED = {"qdash_builtin.conversations.host_answer": "ask_question"}
"""Operations with a module of their own in the client, since their responses are streams."""
OPERATIONS = re.compile(r"qdash_builtin\.\w+\.operations\b")
"""Modules of operations: those of the room, and that of a feature without a room."""
WITHOUT_A_PAGE = {
    "health prometheus": "Programs that watch the host ask for them",
    "openapi_document documentation reference": "They describe the API to programs and their authors, who open them at the host",
    "list_qubits list_couplings": "Pages load all targets of a chip with the chip",
    "chip_wiring": "Pages load the wiring with the chip",
    "chip_specification proposed_specification ask_specification accept_specification": "The command line sets the specification of a chip, once; pages show which values are within it",
    "record_setting_change": "Scripts of a laboratory and the command line record changed settings; pages show the marks",
    "trust_values_of_qubit trust_values_of_coupling": "The command line trusts values until a time; pages show the mark",
    "execution_results": "Pages list results by filters; the execution is a filter",
    "cooldowns_of_cryostat runs_on_chip": "Pages show lists that have the same data",
    "preview_unit_conversion convert_units": "Units are converted once, after qdash doctor has found some: the command line does it",
    "count_review": "The page of a review counts what it lists",
    "change_queue_entry remove_from_queue": "Pages change several waiting runs with one request",
    "download_from_issue download_from_note": "Links of pages lead to files, with the name of each",
    "label_issue": "The form of an issue changes its labels with the other fields",
    "delete_tag": "The page removes tags from the objects, too",
    "validate_flow": "The editor asks for all problems of a source, with their lines",
    "metric_notes_of_chip": "Plots over time ask for annotations, which have these notes, too",
    "noted_results note_events_of_chip search_note_events": "One timeline of notes replaces them on the page *Notes*",
    "list_chip_days show_chip_on_day compare_chip_days": "The page *Compare* takes any time, not only the end of a day",
    "list_calibration_notes latest_calibration_note": "A result shows the note that its task saved; scripts move notes between laboratories",
    "show_digest_page": "The overview draws the digest; the pages are for messages and other programs",
    "task_page": "The page *Tasks* draws the guide of a task itself",
    "raw_data": "Programs read arrays as JSON; a page has the figure and the file",
    "compare_points_of_project explain find_similar_issues show_report_page": "Users of the command line name a chip, a result or an execution in one text; a page knows what it shows",
    "value_table complete_metric_history export_files export_files_of_release list_reviewed_results": "Commands print or write them at once; pages load their parts",
    "draw_chip_map draw_metric_history draw_provenance draw_provenance_of_result": "Commands write figures to files; pages draw maps, histories and graphs themselves",
    "send_digest": "Timetables and the command line send digests",
    "accept_only_invitation release_locks show_own_user": "Commands act on the only invitation, or a named one, on all locks of a chip and on the user of the token; pages name them",
    "set_password": "The page of users makes a link, by which users set their passwords themselves",
    "run_changes run_outcome show_selected_results show_rerun_request show_result_rerun_request": "Commands follow, filter and repeat a run at a host by them; the page of an execution loads its parts",
    "list_saved_flows": "Commands list saved flows; pages list all of a chip",
    "copy_flow restore_deleted_flow": "The editor saves the source under another name",
    "chip_schedule_figure timeline_figure": "Commands write figures to files; pages draw schedules and timelines themselves",
}
"""Reason why the dashboard does not call some operations: their ids, separated by spaces."""
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
    listed = [name for names in WITHOUT_A_PAGE for name in names.split()]
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
    assert sorted(listed) == sorted(absent), "complete or shorten WITHOUT_A_PAGE"


def test_a_list_covers_operations_only_that_show_one_of_its_items() -> None:
    assert is_listed("get", "/users/{username}", {("get", "/users")})
    assert not is_listed("get", "/users/{username}", set())
    assert not is_listed("get", "/chips/{chip_id}", {("get", "/chips")}), "a chip has more than a row"
