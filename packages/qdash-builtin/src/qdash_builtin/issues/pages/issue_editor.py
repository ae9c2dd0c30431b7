"""Editor of the fields of an issue, with conflict detection by field."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.issues.operations import edit_issue, show_issue
from qdash_builtin.issues.pages.issue_display import FIELD_NAMES, format_value
from qdash_builtin.issues.pages.issue_fields import (
    draw_link_inputs,
    draw_people_inputs,
    draw_text_inputs,
    get_fields,
    read_inputs,
    to_input,
)
from qdash_builtin.issues.pages.issue_files import draw_issue_file_input
from qdash_builtin.issues.requests import IssueEdit
from qdash_core.errors import QDashError, StaleError
from qdash_ui_streamlit.display.notices import show_problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_builtin.issues.views import IssueDocument
    from qdash_ui_streamlit.view import View

_MOST_RETRIES = 3
_STYLE = "white-space:pre-wrap;overflow-wrap:anywhere"


@dataclass
class IssueDraft:
    """Issue that a user is editing.

    Parameters
    ----------
    version : str
        ETag with which the fields were read.
    conflicts : sequence of str
        Fields that both this user and another one changed.
    """

    fields: Mapping[str, Any]
    version: str
    conflicts: Sequence[str] = field(default=())


def start_editing(view: View, issue_id: str) -> None:
    """Start editing the current version of an issue."""
    issue, version = view.ask_versioned(show_issue, issue_id)
    place, draft = _make_key(issue_id), IssueDraft(get_fields(issue), version)
    st.session_state[place] = draft
    _fill_inputs(place, draft.fields)


def is_editing(issue_id: str) -> bool:
    """Return whether the user is editing an issue."""
    return _make_key(issue_id) in st.session_state


def draw_issue_editor(view: View, issue: IssueDocument) -> None:
    """Draw the form of the issue that the user is editing."""
    issue_id = issue.issue_id
    place = _make_key(issue_id)
    draft: IssueDraft = st.session_state[place]
    if draft.conflicts:
        _show_conflict(draft)
    with st.form(f"{place}.form", enter_to_submit=False):
        draw_text_inputs(view, place, draft.fields)
        draw_people_inputs(view, place, draft.fields)
        draw_link_inputs(view, place, draft.fields)
        with st.container(horizontal=True):
            st.form_submit_button(
                "Overwrite with mine" if draft.conflicts else "Save",
                type="primary",
                on_click=_save,
                args=(view, issue_id, draft),
            )
            st.form_submit_button(
                "Keep theirs" if draft.conflicts else "Cancel",
                on_click=lambda: st.session_state.pop(place, None),
            )
    draw_issue_file_input(view, issue, place, text_key=f"{place}.body")
    if (problem := st.session_state.pop(f"{place}.problem", None)) is not None:
        show_problem(problem)


def _show_conflict(draft: IssueDraft) -> None:
    st.warning(
        "Another user changed the same fields while you were editing. Your values are kept below.",
        icon=":material/sync_problem:",
    )
    for name in draft.conflicts:
        st.html(
            f"<small>Current {FIELD_NAMES[name]}:</small>"
            f'<div style="{_STYLE}">{escape(format_value(draft.fields[name]))}</div>'
        )


def _save(view: View, issue_id: str, draft: IssueDraft) -> None:
    """Save the changed fields. Changes of other fields by other users stay; the same fields are a conflict."""
    place = _make_key(issue_id)
    if st.session_state.get(place) is not draft:
        return  # a second click after it was saved
    given = read_inputs(place)
    changed = {name: value for name, value in given.items() if value != draft.fields[name]}
    try:
        for _ in range(_MOST_RETRIES):
            if _send(view, issue_id, draft, changed):
                del st.session_state[place]
                return
            if draft.conflicts:
                return
        raise StaleError(f"issue {issue_id} changes all the time: save again")
    except QDashError as error:
        st.session_state[f"{place}.problem"] = error


def _send(view: View, issue_id: str, draft: IssueDraft, changed: Mapping[str, Any]) -> bool:
    """Send the changed fields, and return True; after a change by another user, take it over, and return False."""
    try:
        if changed:
            view.ask(edit_issue.at_version(draft.version), issue_id, body=IssueEdit(**changed))
    except StaleError:
        theirs, version = view.ask_versioned(show_issue, issue_id)
        fields = get_fields(theirs)
        draft.conflicts = [
            name for name, mine in changed.items() if fields[name] not in (draft.fields[name], mine)
        ]
        draft.fields, draft.version = fields, version
        _fill_inputs(_make_key(issue_id), {name: one for name, one in fields.items() if name not in changed})
        return False
    draft.conflicts = ()
    return True


def _fill_inputs(place: str, fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        st.session_state[f"{place}.{name}"] = to_input(name, value)


def _make_key(issue_id: str) -> str:
    return f"issue.{issue_id}.draft"
