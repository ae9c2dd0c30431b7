"""Open issues on the page of a result, target, execution or cool-down and in the panel of a chip, with the link that opens another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.conversations.pages.assistant_link import draw_question_link
from qdash_builtin.issues.model import UNSOLVED, IssueState
from qdash_builtin.issues.operations import issues_similar_to_result, list_issues
from qdash_builtin.issues.pages.issue_display import draw_issue_lines, draw_similar_issues
from qdash_builtin.issues.pages.issue_subject import is_problem, make_picture
from qdash_builtin.issues.requests import IssueFilter
from qdash_ui_streamlit.components.event_kinds import ALL_BUT_TASKS
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.display.fragments import fragment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.runs.views.results import RecordedResult
    from qdash_core.features.sections import SectionSubject
    from qdash_ui_streamlit.view import View

_MOST = 10
_MOST_SIMILAR = 5
_FIELDS = {
    "chip": "chip_id",
    "target": "target",
    "result": "task_id",
    "execution": "execution_id",
    "cooldown": "cooldown_id",
}
"""Field of the filter of issues by query parameter."""


@fragment
def draw_open_issues(
    view: View, key: str, *, new: Mapping[str, str], listed: Mapping[str, str], chip_id: str | None
) -> None:
    """Draw open issues with links that open another one or ask the assistant, and redraw them after changes of issues. One request.

    Parameters
    ----------
    new : mapping
        Query parameters of the form of a new issue.
    listed : mapping
        Conditions on the issues, as query parameters of the page of issues.
    chip_id : str or None
        Chip whose events redraw them; None: all chips.
    """
    rerun_on_events(f"issues.{key}", ALL_BUT_TASKS, chip_id=chip_id)
    filters: dict[str, Any] = {_FIELDS[name]: value for name, value in listed.items()}
    issues = view.ask(list_issues.paged(limit=_MOST), query=IssueFilter(state=(*UNSOLVED,), **filters)).items
    if issues:
        draw_issue_lines(view, issues)
    else:
        st.caption("No open issue.")
    with st.container(horizontal=True, vertical_alignment="center"):
        if view.edits:
            st.link_button("Open an issue", view.link("new-issue", **new), icon=":material/add:")
        draw_question_link(view, new)
        st.markdown(f"[All issues]({view.link('issues', **listed, state='any')})", width="content")


def draw_target_issues(view: View, subject: SectionSubject) -> None:
    """Draw the open issues of a target."""
    st.header("Open issues", anchor="issues")
    _draw_issues_of_target(view, str(subject.chip_id), str(subject.target))


def draw_panel_issues(view: View, subject: SectionSubject) -> None:
    """Draw the open issues of the target that is opened in the panel of a chip, or else of the chip."""
    chip_id = str(subject.chip_id)
    if subject.target is not None:
        st.subheader("Open issues", anchor=False)
        _draw_issues_of_target(view, chip_id, subject.target)
    else:
        st.header("Open issues", anchor=False)
        about = {"chip": chip_id}
        draw_open_issues(view, "chip", new=about, listed=about, chip_id=chip_id)


def draw_execution_issues(view: View, subject: SectionSubject) -> None:
    """Draw the open issues of an execution."""
    st.header("Open issues", anchor="issues")
    about = {"execution": str(subject.execution_id)}
    draw_open_issues(view, "execution", new=about, listed=about, chip_id=None)


def draw_problem_issues(view: View, subject: SectionSubject) -> None:
    """Draw the issues of a result that is a problem: what it was last time matters most."""
    if is_problem(subject.document):
        _draw_issues_of_result(view, subject.document)


def draw_result_issues(view: View, subject: SectionSubject) -> None:
    """Draw the issues of a result that is no problem."""
    if not is_problem(subject.document):
        _draw_issues_of_result(view, subject.document)


def _draw_issues_of_target(view: View, chip_id: str, target: str) -> None:
    about = {"chip": chip_id, "target": target}
    draw_open_issues(view, f"target.{chip_id}.{target}", new=about, listed=about, chip_id=chip_id)


def _draw_issues_of_result(view: View, result: RecordedResult) -> None:
    """Draw the open issues of the target of a result, and, unless it was accepted, similar issues. One or two requests."""
    st.header("Issues", anchor="issues")
    listed = (
        {"chip": result.chip_id, "target": result.qid} if _has_target(result) else {"result": result.task_id}
    )
    new = {"result": result.task_id}
    draw_open_issues(view, f"result.{result.task_id}", new=new, listed=listed, chip_id=result.chip_id)
    if is_problem(result):
        _draw_similar(view, result)
    if result.raw_data_path and view.edits:
        with st.popover("Figure for an issue"):
            st.caption("Paste this into the text of an issue or comment:")
            st.code(make_picture(result), language=None)


def _has_target(result: RecordedResult) -> bool:
    return result.task_type in ("qubit", "coupling") and bool(result.qid)


@fragment
def _draw_similar(view: View, result: RecordedResult) -> None:
    """Draw similar closed issues; open ones of the target are above."""
    similar = view.ask(issues_similar_to_result, result.task_id, most=_MOST).issues
    closed = [one for one in similar if one.issue.state is IssueState.CLOSED][:_MOST_SIMILAR]
    if closed:
        st.subheader("What was it last time?", anchor="similar")
        draw_similar_issues(view, closed)
