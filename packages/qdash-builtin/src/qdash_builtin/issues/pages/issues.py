"""Issues page: the issues of the project, filtered, newest activity first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.cooldowns.pages.cooldown_options import load_cooldowns
from qdash_builtin.issues.model import UNSOLVED, IssueState
from qdash_builtin.issues.operations import list_issues
from qdash_builtin.issues.requests import IssueFilter
from qdash_builtin.people.pages.member_options import load_members
from qdash_ui_streamlit.components.event_kinds import ALL_BUT_TASKS
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.display.paging import draw_paging
from qdash_ui_streamlit.display.statuses import format_status
from qdash_ui_streamlit.display.target_lists import make_target_url
from qdash_ui_streamlit.forms import query_params
from qdash_ui_streamlit.forms.more_filters import more_filters
from qdash_ui_streamlit.forms.option_lists import load_options

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_builtin.issues.views import IssueHeader
    from qdash_ui_streamlit.view import View

PLACE = "issues"
_NOT_CLOSED, _ANY = "not closed", "any"
_STATES = {_NOT_CLOSED: UNSOLVED, **{str(one): (one,) for one in IssueState}, _ANY: ()}
"""States of each choice of the filter, the default first."""
_LINKS = {"result": "task_id", "execution": "execution_id"}
"""Fields of links that only addresses select, by query parameter."""
_FILTERS = ("state", "label", "assignee", "user", "chip", "target", "metric", "cooldown", "q", *_LINKS)
_CLEARS = ("after",)
_COLUMNS = (
    Column("issue_id", "Issue", link="address"),
    Column("title", "Title", link="address"),
    Column("state", "State", "status"),
    Column("labels", "Labels"),
    Column("assignees", "Assignees"),
    Column("chip_id", "Chip", "chip"),
    Column("targets", "Targets", link="target_address"),
    Column("task", "Task", link="result_address", help="Opens the result"),
    Column("n_comments", "Comments", "number"),
    Column("n_files", "Files", "number"),
    Column("username", "Author", "user"),
    Column("updated_at", "Last activity", "time"),
)


def render(view: View) -> None:
    """Draw the page."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title("Issues", width="content")
        if view.edits:
            st.link_button("Open an issue", make_creation_url(view), icon=":material/add:")
    _draw_list(view, _draw_filters(view))


def make_creation_url(view: View) -> str:
    """Return the address of the form of a new issue about the links in the URL."""
    about = {name: view.param(name) for name in ("chip", "target", "cooldown", *_LINKS)}
    return view.link("new-issue", **about)


def _draw_filters(view: View) -> dict[str, Any]:
    """Draw the filters, and return the query of the host."""
    members = load_members(view)
    chips = load_options("chips", view.list_chip_ids)
    cooldowns = load_cooldowns(view)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        state = query_params.draw_choice(
            view,
            "state",
            "State",
            [*_STATES],
            format_option=lambda one: format_status(one) if one in list(IssueState) else one,
            clears=_CLEARS,
            width=145,
        )
        label = _draw_text(view, "label", "Label")
        assignee = _draw_select(view, "assignee", "Assignee", members)
        chip = _draw_select(view, "chip", "Chip", chips)
        words = _draw_text(view, "q", "Words")
        with more_filters(view, ("user", "target", "metric", "cooldown")):
            author = _draw_select(view, "user", "Author", members)
            target = _draw_text(view, "target", "Qubit or coupling")
            metric = _draw_text(view, "metric", "Parameter")
            cooldown = _draw_select(view, "cooldown", "Cool-down", cooldowns)
    filters = {
        "state": list(_STATES[state]),
        "label": [label] if label else None,
        "assignee": assignee,
        "user": author,
        "chip_id": chip,
        "target": target,
        "metric": metric,
        "cooldown_id": cooldown,
        "q": words,
        **_draw_links(view),
    }
    return {name: value for name, value in filters.items() if value}


def _draw_links(view: View) -> dict[str, str]:
    """Draw the conditions that only addresses have, each with a button that removes it, and return them."""
    found = {}
    for name, field in _LINKS.items():
        if (value := view.param(name)) is not None:
            found[field] = value
            with st.container(horizontal=True, vertical_alignment="center"):
                st.html(f"<small>Only issues about one {name}.</small>")
                removed: dict[str, None] = {name: None, "after": None}
                st.button("Show all", key=f"issues.all.{name}", on_click=view.set_params, kwargs=removed)
    return found


def _draw_select(view: View, name: str, label: str, options: list[str]) -> str | None:
    return query_params.draw_select(view, name, label, options, any_text="any", clears=_CLEARS)


def _draw_text(view: View, name: str, label: str) -> str | None:
    return query_params.draw_text_field(view, name, label, placeholder="any", clears=_CLEARS)


@fragment
def _draw_list(view: View, filters: dict[str, Any]) -> None:
    rerun_on_events("issues.rerun", ALL_BUT_TASKS)
    page = view.ask(list_issues.paged(after=view.param("after")), IssueFilter(**filters))
    if not page.items and not any(view.param(name) for name in (*_FILTERS, "after")):
        show_empty(
            "No issue is open.",
            f"{'Open one here, or from' if view.edits else 'Editors open them here, or from'} a result, qubit, coupling, execution or chip. "
            f"[Show closed issues]({view.link(PLACE, state=_ANY)}).",
        )
        return
    table(
        view,
        _COLUMNS,
        [make_row(view, one) for one in page.items],
        key="issues.table",
        label="Issues",
        filtered=False,
        empty="No issues match the filters.",
    )
    draw_paging(view, PLACE, _FILTERS, page.next, label="Pages of issues")


def make_row(view: View, issue: IssueHeader) -> dict[str, Any]:
    """Return an issue as a table row."""
    only = issue.targets[0] if len(issue.targets) == 1 else None
    return {
        "issue_id": f"#{issue.issue_id}",
        "address": view.link("issue", issue=issue.issue_id),
        "title": issue.title,
        "state": str(issue.state),
        "labels": _join(issue.labels),
        "assignees": _join(issue.assignees),
        "chip_id": issue.chip_id,
        "targets": _join(issue.targets),
        "target_address": only and issue.chip_id and make_target_url(view, issue.chip_id, only),
        "task": issue.task,
        "result_address": issue.task_id and view.link("result", result=issue.task_id),
        "n_comments": issue.n_comments,
        "n_files": issue.n_files or None,
        "username": issue.username,
        "updated_at": issue.updated_at,
    }


def _join(names: Iterable[str]) -> str | None:
    return ", ".join(names) or None
