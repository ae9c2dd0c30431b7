"""Page that opens an issue about the result, target, execution, cool-down or chip in the URL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.issues.operations import open_issue
from qdash_builtin.issues.pages.issue_fields import (
    draw_link_inputs,
    draw_people_inputs,
    draw_text_inputs,
    from_input,
    make_fields,
    read_inputs,
    to_input,
)
from qdash_builtin.issues.pages.issue_files import FileDrafts
from qdash_builtin.issues.pages.issue_pictures import IssueTexts
from qdash_builtin.issues.pages.issue_subject import IssueSubject, draw_earlier_issues, load_subject
from qdash_builtin.issues.requests import IssueRequest
from qdash_core.errors import QDashError
from qdash_ui_streamlit.display.columns import make_wide_and_narrow
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.notices import show_empty, show_errors, show_problem
from qdash_ui_streamlit.forms.repeatable_request import RepeatableRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_ui_streamlit.view import View

_SUBJECT_PARAMS = ("result", "chip", "target", "execution", "cooldown")


def render(view: View) -> None:
    """Draw the page."""
    st.title("New issue")
    if not view.edits:
        show_empty("Editors of the project open issues.", f"[Read the issues]({view.link('issues')}).")
        return
    subject = load_subject(view)
    wide, narrow = make_wide_and_narrow("new_issue")
    with narrow:
        st.header("Similar earlier issues", anchor=False)
        with show_errors():
            if not draw_earlier_issues(view, subject):
                st.caption("None.")
    with wide:
        _draw_form(view, subject)


@fragment
def _draw_form(view: View, subject: IssueSubject) -> None:
    """Draw the form, and show the issue when it is open."""
    about = ".".join(f"{name}={view.param(name) or ''}" for name in _SUBJECT_PARAMS)
    kept = f"new-issue.{about}"
    request: RepeatableRequest = st.session_state.setdefault(kept, RepeatableRequest())
    if request.is_done:  # the page was left after its issue was opened
        request = st.session_state[kept] = request.make_next()
    place = f"{kept}.{request.number}"
    values = make_fields({"title": subject.title, "body": subject.body, **subject.links})
    with st.form(place, border=False, enter_to_submit=False):
        draw_text_inputs(view, place, values)
        draw_people_inputs(view, place, values)
        with st.expander("Links"):
            draw_link_inputs(view, place, values)
        with st.container(horizontal=True):
            submitted = st.form_submit_button("Open issue", type="primary")
            if subject.picture:
                st.form_submit_button(
                    "Insert the figure of the result",
                    icon=":material/add_photo_alternate:",
                    on_click=_insert_picture,
                    args=(f"{place}.body", subject.picture),
                )
            previewed = st.form_submit_button("Preview")
    files = FileDrafts(place)
    files.draw(f"{place}.body")
    if submitted:
        _submit(view, subject, place, request, values, files)
    elif previewed or st.session_state.get(f"{place}.preview"):
        st.session_state[f"{place}.preview"] = True
        with st.container(border=True):
            IssueTexts(view, place, files=files.links).draw(
                st.session_state[f"{place}.body"] or "*The description is empty.*"
            )


def _insert_picture(key: str, picture: str) -> None:
    text = st.session_state[key].rstrip()
    st.session_state[key] = f"{text}\n\n{picture}\n" if text else f"{picture}\n"


def _submit(
    view: View,
    subject: IssueSubject,
    place: str,
    request: RepeatableRequest,
    values: Mapping[str, Any],
    files: FileDrafts,
) -> None:
    """Open the issue with its files. After a refusal, which keeps both, a repetition opens no other one."""
    fields = _select_fields(read_inputs(place), subject, values)
    if not fields.get("title"):
        st.error("Enter a title.", icon=":material/error:")
        return
    try:
        body = IssueRequest(**{"title": "", **fields})
        issue = view.ask(open_issue.once(request.make_key(fields)), body=body)
        files.attach(view, issue.issue_id)
    except QDashError as error:
        show_problem(error)
        return
    request.is_done = True
    view.go("issue", issue=issue.issue_id)


def _select_fields(
    given: Mapping[str, Any], subject: IssueSubject, values: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the fields to send: the host fills the links that follow from a result."""
    fields = {name: value for name, value in given.items() if value}
    task_id = subject.links.get("task_id")
    if not task_id or given["task_id"] != task_id:
        return fields
    proposed = {name: from_input(name, to_input(name, values[name])) for name in subject.links}
    return {name: value for name, value in fields.items() if name == "task_id" or value != proposed.get(name)}
