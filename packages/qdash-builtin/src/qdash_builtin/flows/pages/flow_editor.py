"""Editor of a flow: problems while typing, names, and a choice after a change by another user."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.errors import StreamlitAPIException

from qdash_builtin.flows.operations import (
    delete_flow,
    find_flow_problems,
    list_flow_names,
    list_flows,
    save_flow,
)
from qdash_builtin.flows.pages.flow_place import NOT_SAVED, draw_flow_facts, load_flow
from qdash_builtin.flows.pages.flow_start import load_start, show_new_flow
from qdash_builtin.flows.requests import FlowRequest, SourceRequest
from qdash_builtin.runs.pages.run_validation import parse_tags
from qdash_cli.rendering.output import format_count
from qdash_core.errors import InvalidInputError, QDashError, StaleError
from qdash_ui_streamlit.components.editor import Completion, EditedText, TextAnnotation, editor
from qdash_ui_streamlit.display.differences import compare_texts, draw_differences
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_problem
from qdash_ui_streamlit.display.reruns import rerun, say
from qdash_ui_streamlit.forms.confirm_action import confirm_action

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.flows.pages.flow_place import FlowPlace
    from qdash_builtin.flows.views.flow_names import FlowNameDocument
    from qdash_builtin.flows.views.flow_problems import SourceReportDocument
    from qdash_ui_streamlit.view import View

_TYPES = {
    "service": "class",
    "method": "method",
    "step": "class",
    "targets": "class",
    "task": "constant",
    "parameter": "property",
    "argument": "variable",
}
"""Sign of a completion by kind of name."""
_FUNCTION = re.compile(r"^def [A-Za-z]", re.MULTILINE)
_LONGEST_DETAIL = 60


@dataclass(frozen=True, slots=True)
class FlowDraft:
    """Unsaved text of a user, kept while their tab is open; `seen` is the ETag of the version from which it was made."""

    text: str
    seen: str
    error: QDashError | None = None


@fragment
def draw_flow_editor(view: View, name: str) -> None:
    """Draw the newest source of a flow, in an editor if the user may edit, with the problems of the text."""
    flow = load_flow(view, name)
    key = make_draft_key(view, name)
    if (version := st.session_state.pop(f"{key}.saved", None)) is not None:
        say(f"Version {version} is saved.")
        rerun()  # the rest of the page shows the version
    draw_flow_facts(view, flow)
    chip_id = view.chip_id()
    if flow.installed is not None:
        _draw_installed(view, flow, chip_id)
        return
    draft: FlowDraft | None = st.session_state.get(key)
    if draft is None and flow.saved is None:
        draft = FlowDraft(load_start(view, name, view.param("start") or "", chip_id), NOT_SAVED)
        st.session_state[key] = draft
    is_stale = draft is not None and draft.seen != flow.etag
    if draft is not None and is_stale:
        _show_conflict(draft, flow)
    elif draft is not None and draft.error is not None:
        st.markdown("**The text was not saved.**")
        show_problem(draft.error)
    text = flow.source if draft is None else draft.text
    function = _draw_details(flow, key) if view.edits else None
    report: SourceReportDocument | None = _find_report(key, text, function)
    obstacle = flow.obstacle or (None if report is None else report.save_obstacle)
    if not view.edits:
        st.info(
            "Viewers read, copy and check flows; editors of the project change them.", icon=":material/lock:"
        )
    elif obstacle is not None:
        st.info(
            f"You can write and check here, but not save: {escape_markdown(obstacle)}", icon=":material/lock:"
        )
    saves = view.edits and obstacle is None
    editor(
        flow.source if view.edits else text,
        key=f"{key}.{st.session_state.get(f'{key}.opened', 0)}",
        label=f"{name}.py",
        version=flow.etag,
        mode="python",
        draft=draft.text if draft is not None and view.edits else None,
        annotations=_list_annotations(st.session_state.get(f"{key}.report")),
        completions=_load_completions(view, chip_id) if view.edits else (),
        read_only=not view.edits,
        save_label="Overwrite with mine" if is_stale else "Save",
        save_unchanged=flow.saved is None or _are_details_changed(flow, key),
        on_save=partial(_save_text, view, name, key) if saves else None,
        on_change=partial(_keep_text, key, flow.source),
        keeps_draft=True,
        height_rem=26,
    )
    _draw_report(report)
    _draw_buttons(view, flow, key, text, is_stale=is_stale, deletes=saves)
    if report is None:
        asked = SourceRequest(source=text, function=function or None)
        st.session_state[f"{key}.report"] = text, function, view.ask(find_flow_problems, body=asked)
        _rerun()


def make_draft_key(view: View, name: str) -> str:
    """Return the key of the unsaved text of a flow in the session."""
    return f"flows.draft.{view.project_id}.{name}"


def _draw_installed(view: View, flow: FlowPlace, chip_id: str | None) -> None:
    """Draw the source that does the same as a flow of a plugin."""
    if st.button(
        "Copy as a new flow \u2026", icon=":material/content_copy:", type="primary", key="flows.copy"
    ):
        show_new_flow(view, [*view.every(list_flows.paged(limit=200))], flow.name)
    where = "" if chip_id is None else f" on chip {escape_markdown(chip_id)}"
    st.caption(f"This source does the same{where}.")
    source = load_start(view, flow.name, flow.name, chip_id)
    editor(
        source,
        key=f"flows.source.{flow.name}.{chip_id}",
        label=f"{flow.name}.py",
        version="installed",
        mode="python",
        read_only=True,
        height_rem=26,
    )


# ---------------------------------------------------------------------------------------------------------- description


def _draw_details(flow: FlowPlace, key: str) -> str:
    """Draw the fields beside the source, and return the function."""
    usual = _get_details(flow)
    with st.expander("Description, function and tags"):
        st.text_input(
            "Description",
            usual["description"],
            key=f"{key}.description",
            placeholder="first line of the docstring",
        )
        st.text_input(
            "Function",
            usual["function"],
            key=f"{key}.function",
            placeholder="the only public one, or main",
            help="The function that a run calls, if the text has several.",
        )
        st.text_input(
            "Tags", usual["tags"], key=f"{key}.tags", placeholder="none", help="Separated by commas."
        )
    return str(st.session_state[f"{key}.function"]).strip()


def _get_details(flow: FlowPlace) -> dict[str, str]:
    """Return the fields of the saved version."""
    saved = flow.saved
    if saved is None:
        return {"description": "", "function": "", "tags": ""}
    several = len(_FUNCTION.findall(flow.source)) > 1
    from_docstring = f'"""{saved.description}' in flow.source
    return {
        "description": "" if from_docstring else saved.description,
        "function": saved.function if several else "",
        "tags": ", ".join(saved.tags),
    }


def _are_details_changed(flow: FlowPlace, key: str) -> bool:
    return any(
        st.session_state.get(f"{key}.{name}", usual) != usual for name, usual in _get_details(flow).items()
    )


# ------------------------------------------------------------------------------------------------------------- the text


def _keep_text(key: str, saved: str, edited: EditedText) -> None:
    """Keep a typed text, or forget it if it equals the saved one."""
    known: FlowDraft | None = st.session_state.get(key)
    seen = edited.version if known is None else known.seen
    if edited.text == saved and seen == edited.version:
        st.session_state.pop(key, None)
    else:
        st.session_state[key] = FlowDraft(edited.text, seen)


def _save_text(view: View, name: str, key: str, edited: EditedText) -> None:
    """Save a text as the next version; if the host refuses it, keep it with the refusal."""
    typed = {
        part: str(st.session_state.get(f"{key}.{part}", "")).strip() for part in ("description", "function")
    }
    try:
        body = FlowRequest(
            source=edited.text,
            function=typed["function"] or None,
            description=typed["description"],
            tags=list(parse_tags(st.session_state.get(f"{key}.tags", ""))),
        )
        saved = view.ask(save_flow.at_version(edited.version), name, body=body)
    except StaleError:
        known: FlowDraft | None = st.session_state.get(key)
        st.session_state[key] = FlowDraft(edited.text, edited.version if known is None else known.seen)
    except QDashError as error:
        st.session_state[key] = FlowDraft(edited.text, edited.version, error)
    else:
        _forget(key)
        st.session_state[f"{key}.saved"] = saved.version


def _forget(key: str) -> None:
    for part in ("", ".description", ".function", ".tags"):
        st.session_state.pop(f"{key}{part}", None)


def _discard(key: str) -> None:
    """Forget the unsaved text, and open the saved one."""
    _forget(key)
    st.session_state[f"{key}.opened"] = st.session_state.get(f"{key}.opened", 0) + 1


def _show_conflict(draft: FlowDraft, flow: FlowPlace) -> None:
    by = (
        ""
        if flow.saved is None
        else f" {escape_markdown(flow.saved.username)} saved version {flow.saved.version}."
    )
    st.warning(
        f"Somebody else changed the flow while you were writing.{by} Your text is kept below, with its differences from theirs.",
        icon=":material/sync_problem:",
    )
    unified = compare_texts(flow.source, draft.text, names=("theirs", "yours"))
    draw_differences(unified or "The texts differ in their line ends only.")


def _draw_buttons(view: View, flow: FlowPlace, key: str, text: str, *, is_stale: bool, deletes: bool) -> None:
    with st.container(horizontal=True):
        st.download_button(
            "Download",
            text,
            file_name=f"{flow.name}.py",
            mime="text/x-python",
            icon=":material/download:",
            key=f"{key}.download",
            on_click="ignore",
        )
        if view.edits and key in st.session_state and flow.saved is not None:
            st.button(
                "Keep theirs" if is_stale else "Discard changes",
                key=f"{key}.discard",
                on_click=_discard,
                args=(key,),
            )
        if flow.saved is not None:
            if st.button("Copy as a new flow \u2026", icon=":material/content_copy:", key=f"{key}.copy"):
                show_new_flow(view, [*view.every(list_flows.paged(limit=200))], flow.name)
            if deletes and st.button("Delete \u2026", icon=":material/delete:", key=f"{key}.delete"):
                _confirm_deletion(view, flow.name)


def _confirm_deletion(view: View, name: str) -> None:
    def act() -> None:
        view.ask(delete_flow, name)
        view.set_params(view=None, start=None)

    confirm_action(
        "Delete this flow?",
        f"{escape_markdown(name)} can no longer be started, and timetables of it start nothing. Its versions and runs stay on record, and it can be restored.",
        label="Delete",
        act=act,
        success="Deleted.",
        back_label="Keep it",
    )


# ----------------------------------------------------------------------------------------------------------- the report


def _find_report(key: str, text: str, function: str | None) -> SourceReportDocument | None:
    """Return the report on exactly this text, or None if it was not made yet."""
    known = st.session_state.get(f"{key}.report")
    return known[2] if known is not None and known[:2] == (text, function) else None


def _rerun() -> None:
    """Draw again: the editor was shown before its text was checked, which takes a second."""
    try:
        rerun(scope="fragment")
    except StreamlitAPIException:  # the whole page is being drawn
        rerun()


def _list_annotations(known: tuple[str, str | None, SourceReportDocument] | None) -> list[TextAnnotation]:
    """Return the problems of the last checked text; the editor moves them with what is typed since."""
    if known is None:
        return []
    return [
        TextAnnotation(
            one.line,
            one.problem + (f"; instead: {one.alternative}" if one.alternative else ""),
            one.column,
            one.severity,
        )
        for one in known[2].problems
    ]


def _draw_report(report: SourceReportDocument | None) -> None:
    if report is None:
        st.caption("Checking \u2026")
        return
    errors = sum(one.severity == "error" for one in report.problems)
    warnings = len(report.problems) - errors
    said = [
        f"{format_count(errors, 'error')}: the flow cannot be saved." if errors else "",
        f"{format_count(warnings, 'warning')}: it can be saved, but may fail or do something else."
        if warnings
        else "",
    ]
    if report.checked is not None:
        arguments = ", ".join(report.checked.form.parameters.get("properties", {}))
        said.append(
            f"A run calls `{report.checked.function}`"
            + (f" with the arguments {escape_markdown(arguments)} of its form." if arguments else ".")
        )
    st.caption(" ".join(filter(None, said)) or "No problem was found.")


# ------------------------------------------------------------------------------------------------------------ the names


def _load_completions(view: View, chip_id: str | None) -> Sequence[Completion]:
    """Return the names for flows on a chip, kept in the session for one chip."""
    if chip_id is None:
        return ()
    kept: dict[str, Any] = st.session_state.setdefault("flows.names", {})
    place = f"{view.project_id}.{chip_id}"
    if place not in kept:
        kept.clear()
        try:
            kept[place] = [
                _make_completion(one) for one in view.every(list_flow_names.paged(limit=200), chip_id)
            ]
        except InvalidInputError:
            kept[place] = []
    found: Sequence[Completion] = kept[place]
    return found


def _make_completion(name: FlowNameDocument) -> Completion:
    where = f"from {name.module} import {name.name}" if name.module else ""
    detail = (
        name.signature
        if len(name.signature) <= _LONGEST_DETAIL
        else f"{name.signature[:_LONGEST_DETAIL]}\u2026"
    )
    info = "\n".join(
        part for part in (name.description, name.signature if detail != name.signature else "", where) if part
    )
    return Completion(name.name, detail, info, _TYPES[name.kind])
