"""Form that comments, closes or reopens an issue, and form that edits a comment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.issues.model import IssueState
from qdash_builtin.issues.operations import close_issue, comment_issue, edit_issue_comment, reopen_issue
from qdash_builtin.issues.pages.issue_files import draw_issue_file_input, make_file_links
from qdash_builtin.issues.pages.issue_pictures import IssueTexts
from qdash_builtin.issues.requests import CommentRequest, StateRequest
from qdash_core.errors import InvalidInputError, QDashError
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.notices import show_problem
from qdash_ui_streamlit.display.reruns import rerun, say
from qdash_ui_streamlit.forms.form_fields import list_form_fields
from qdash_ui_streamlit.forms.repeatable_request import RepeatableRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_builtin.issues.views import IssueCommentDocument, IssueDocument
    from qdash_ui_streamlit.view import View

_NO_TEXT = "Write a comment first."


@fragment
def draw_comment_form(view: View, issue: IssueDocument) -> None:
    """Draw the form of a new comment. A comment is added once, however often its button is pressed."""
    kept = f"issue.{issue.issue_id}.comment"
    request: RepeatableRequest = st.session_state.setdefault(kept, RepeatableRequest())
    if request.is_done:  # the page was left after its comment was added
        request = st.session_state[kept] = request.make_next()
    key = f"{kept}.{request.number}"
    is_closed = issue.state is IssueState.CLOSED

    def send(act: Callable[[str], object], success: str) -> None:
        """Perform an action with the text; an accepted one is not repeated by a second click."""
        if request.is_done:
            return
        try:
            act(st.session_state[f"{key}.text"])
        except QDashError as error:
            st.session_state[f"{kept}.problem"] = error
            return
        request.is_done = True
        st.session_state[kept] = request.make_next()
        st.session_state[f"{kept}.done"] = success

    def comment(text: str) -> None:
        body = CommentRequest(text=_require_text(text))
        view.ask(comment_issue.once(request.make_key(body.text)), issue.issue_id, body=body)

    def change_state(text: str) -> None:
        operation = reopen_issue if is_closed else close_issue
        view.ask(operation, issue.issue_id, body=StateRequest(comment=text.strip()))

    with st.form(key, border=False):
        st.session_state.setdefault(f"{key}.text", "")
        list_form_fields(CommentRequest)["text"].draw(view, f"{key}.text", rows=4)
        with st.container(horizontal=True):
            st.form_submit_button("Comment", type="primary", on_click=send, args=(comment, "Comment added"))
            st.form_submit_button(
                "Reopen" if is_closed else "Close",
                icon=":material/undo:" if is_closed else ":material/check_circle:",
                help="With the text above as a comment, if there is one",
                on_click=send,
                args=(change_state, "Issue reopened" if is_closed else "Issue closed"),
            )
            previewed = st.form_submit_button("Preview")
    draw_issue_file_input(view, issue, key, text_key=f"{key}.text")
    if (problem := st.session_state.pop(f"{kept}.problem", None)) is not None:
        show_problem(problem)
    if previewed:
        with st.container(border=True):
            IssueTexts(view, f"{kept}.preview", files=make_file_links(view, issue)).draw(
                st.session_state[f"{key}.text"] or f"*{_NO_TEXT}*"
            )
    if (done := st.session_state.pop(f"{kept}.done", None)) is not None:
        say(done)
        rerun()  # the thread is above this form


def _require_text(text: str) -> str:
    """Return the text of a comment without blanks around it; raise InvalidInputError if it is empty."""
    if not text.strip():
        raise InvalidInputError(_NO_TEXT)
    return text.strip()


def draw_comment_editor(view: View, issue: IssueDocument, comment: IssueCommentDocument) -> None:
    """Draw the form that replaces the text of a comment."""
    place = make_editor_key(issue.issue_id, comment.number)

    def save() -> None:
        text = st.session_state[f"{place}.text"].strip()
        try:
            if text != comment.text:
                view.ask(edit_issue_comment, issue.issue_id, comment.number, body=CommentRequest(text=text))
        except QDashError as error:
            st.session_state[f"{place}.problem"] = error
        else:
            st.session_state.pop(place, None)

    with st.form(f"{place}.form", border=False):
        st.session_state.setdefault(f"{place}.text", comment.text)
        list_form_fields(CommentRequest)["text"].draw(view, f"{place}.text", rows=4)
        with st.container(horizontal=True):
            st.form_submit_button("Save", type="primary", on_click=save)
            st.form_submit_button("Cancel", on_click=lambda: st.session_state.pop(place, None))
    draw_issue_file_input(view, issue, place, text_key=f"{place}.text")
    if (problem := st.session_state.pop(f"{place}.problem", None)) is not None:
        show_problem(problem)


def make_editor_key(issue_id: str, number: int) -> str:
    """Return the key in the session that is present while a comment is edited."""
    return f"issue.{issue_id}.edited-comment.{number}"
