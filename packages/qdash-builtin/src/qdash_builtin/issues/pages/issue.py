"""Issue page: facts, actions, texts and events of one issue, and similar earlier ones."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.issues.model import IssueState
from qdash_builtin.issues.operations import (
    assign_issue,
    delete_issue,
    edit_issue,
    list_issue_events,
    show_issue,
    similar_issues,
)
from qdash_builtin.issues.pages.issue_comment import draw_comment_form
from qdash_builtin.issues.pages.issue_display import draw_similar_issues
from qdash_builtin.issues.pages.issue_editor import draw_issue_editor, is_editing, start_editing
from qdash_builtin.issues.pages.issue_thread import draw_thread, draw_trace
from qdash_builtin.issues.requests import IssueEdit, ListChange
from qdash_builtin.metrics.pages.titles import load_titles
from qdash_core.errors import NotFoundError, QDashError
from qdash_ui_streamlit.components.event_kinds import ALL_BUT_TASKS
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.display.columns import make_wide_and_narrow
from qdash_ui_streamlit.display.fact_lists import format_targets
from qdash_ui_streamlit.display.facts import draw_facts
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.lines import format_link
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_empty, show_errors, show_problem
from qdash_ui_streamlit.display.object_links import format_object
from qdash_ui_streamlit.display.statuses import format_status_html
from qdash_ui_streamlit.forms.confirm_action import confirm_action

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_builtin.issues.views import IssueDocument
    from qdash_ui_streamlit.view import View

_PROBLEM = "issue.problem"
_MOST_SIMILAR = 5


def render(view: View) -> None:
    """Draw the page of the issue in the URL."""
    issue_id = view.param("issue")
    if issue_id is None:
        st.title("Issue")
        show_empty("No issue is selected.", f"Open one from [the list]({view.link('issues')}).")
        return
    if not issue_id.isdecimal():
        st.title("Issue")
        problem = NotFoundError(f"there is no issue {issue_id!r}: the id of an issue is a number")
        show_problem(problem, step=f"[Open one from the list]({view.link('issues')}).")
        return
    _draw_issue(view, issue_id)


@fragment
def _draw_issue(view: View, issue_id: str) -> None:
    """Draw an issue, and redraw it after changes and comments."""
    rerun_on_events(f"issue.{issue_id}", ALL_BUT_TASKS, issue_id=issue_id)
    try:
        issue = view.ask(show_issue, issue_id)
    except NotFoundError as error:
        st.title(f"Issue {issue_id}")
        show_problem(error)
        draw_trace(view, issue_id)
        return
    events = list(view.every(list_issue_events.paged(limit=200), issue_id))
    st.title(escape_markdown(f"#{issue.issue_id} {issue.title}"))
    draw_facts(_list_facts(view, issue))
    if view.edits:
        _draw_actions(view, issue)
    if view.edits and is_editing(issue_id):
        draw_issue_editor(view, issue)
    wide, narrow = make_wide_and_narrow("issue_parts")
    with wide:
        draw_thread(view, issue, events)
        if view.edits:
            draw_comment_form(view, issue)
    with narrow:
        st.header("What was it last time?", anchor="similar")
        with show_errors():
            _draw_similar(view, issue_id)


def _list_facts(view: View, issue: IssueDocument) -> dict[str, str | None]:
    """Return the facts about an issue: HTML by name."""
    chip_id = issue.chip_id
    chip = format_link(view.link("chip", chip=chip_id), chip_id) if chip_id else None
    closed = f"{escape(issue.closed_by)} {view.time(issue.closed_at)}" if issue.closed_by else None
    labels = (format_link(view.link("issues", label=one, state="any"), one) for one in issue.labels)
    task_id, execution_id, cooldown_id = issue.task_id, issue.execution_id, issue.cooldown_id
    return {
        "State": format_status_html(issue.state),
        "Closed": closed,
        "Labels": ", ".join(labels) or None,
        "Assignees": escape(", ".join(issue.assignees)) or None,
        "Chip": chip,
        "Qubits and couplings": format_targets(view, chip_id, issue.targets)
        if chip_id and issue.targets
        else None,
        "Parameters": _format_parameters(view, issue) or None,
        "Result": format_link(view.link("result", result=task_id), issue.task or "result")
        if task_id
        else None,
        "Execution": format_link(view.link("execution", execution=execution_id), execution_id)
        if execution_id
        else None,
        "Cool-down": format_link(view.link("cooldown", cooldown=cooldown_id), cooldown_id)
        if cooldown_id
        else None,
        "Opened": f"{format_object(view, 'user', issue.username)} {view.time(issue.created_at)}",
    }


def _format_parameters(view: View, issue: IssueDocument) -> str:
    titles = load_titles(view) if issue.metrics else {}
    return escape(", ".join(titles.get(one, one) for one in issue.metrics))


def _draw_actions(view: View, issue: IssueDocument) -> None:
    """Draw the buttons for the issue; the comment form closes and reopens it."""
    issue_id = issue.issue_id

    def act(action: Callable[[], object]) -> None:
        try:
            action()
        except QDashError as error:
            st.session_state[_PROBLEM] = error

    def set_state(state: str) -> None:
        act(lambda: view.ask(edit_issue, issue_id, body=IssueEdit(state=state)))

    me = view.me.user.username
    with st.container(horizontal=True):
        if not is_editing(issue_id):
            st.button(
                "Edit",
                icon=":material/edit:",
                key="issue.edit",
                on_click=act,
                args=(lambda: start_editing(view, issue_id),),
            )
        if issue.state is IssueState.OPEN:
            st.button(
                "Start work",
                icon=":material/play_arrow:",
                key="issue.start",
                on_click=set_state,
                args=(str(IssueState.IN_PROGRESS),),
            )
        if issue.state is IssueState.IN_PROGRESS:
            st.button(
                "Stop work",
                icon=":material/pause:",
                key="issue.stop",
                on_click=set_state,
                args=(str(IssueState.OPEN),),
            )
        if me not in issue.assignees:
            body = ListChange(add=[me])
            st.button(
                "Assign to me",
                icon=":material/person_add:",
                key="issue.assign",
                on_click=act,
                args=(lambda: view.ask(assign_issue, issue_id, body=body),),
            )
        if view.owns and st.button("Delete …", icon=":material/delete:", key="issue.delete"):
            confirm_action(
                f"Delete issue {issue_id}?",
                "Its texts and comments are removed and cannot be restored. Its events stay, with users and times.",
                label="Delete",
                act=lambda: view.ask(delete_issue, issue_id),
                success="Issue deleted.",
            )
    if (problem := st.session_state.pop(_PROBLEM, None)) is not None:
        show_problem(problem)


def _draw_similar(view: View, issue_id: str) -> None:
    similar = view.ask(similar_issues, issue_id, most=_MOST_SIMILAR).issues
    if similar:
        draw_similar_issues(view, similar)
    else:
        st.caption("No similar earlier issue.")
