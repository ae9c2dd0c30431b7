"""Audit page: requests that may have changed something, for owners and administrators."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import streamlit as st

from qdash_builtin.people.operations.audit import AuditQuery, audit_of_project, list_audit
from qdash_builtin.people.operations.members import list_members
from qdash_builtin.people.operations.users import list_users
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.download_link import draw_download_link
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.display.paging import draw_paging
from qdash_ui_streamlit.display.views import draw_view_links
from qdash_ui_streamlit.forms import query_params
from qdash_ui_streamlit.forms.form_fields import capitalise
from qdash_ui_streamlit.forms.option_lists import load_options
from qdash_ui_streamlit.forms.window import draw_window, read_window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.people.views.audit import AuditDocument, FieldChangeDocument
    from qdash_core.documents.pages import PageOf
    from qdash_ui_streamlit.view import View

PLACE = "audit"
_FILTERS = ("of", "user", "action", "subject", "since", "until")
_CLEARS = ("after", "entry")
_ALL, _PROJECT = "all", "project"
_SHOWN_CHANGES = 3
"""Number of changed fields in a row of the table."""
_COLUMNS = (
    Column("at", "Time", "time", link="address", help="Opens the entry"),
    Column("username", "User"),
    Column("action", "Action", link="address"),
    Column("path", "Subject"),
    Column("project_id", "Project"),
    Column("status", "Status", help="HTTP status of the answer; – if none is recorded"),
    Column("changes", "Changes"),
)
_STYLE = """<style>
.changes td, .changes th { border: 1px solid rgba(128, 128, 128, 0.35); padding: 0.25rem 0.6rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
.changes { border-collapse: collapse; }
.changes del { text-decoration: none; background: rgba(214, 70, 60, 0.18); }
.changes ins { text-decoration: none; background: rgba(46, 160, 67, 0.18); }
</style>"""


def render(view: View) -> None:
    """Draw the page."""
    st.title("Audit")
    if not view.owns and not view.administers:
        st.info(
            "Owners of the project see its audit log, and administrators that of all projects.",
            icon=":material/lock:",
        )
        return
    shown = _draw_views(view)
    _draw_entries(view, shown, _draw_filters(view, shown))


def _draw_views(view: View) -> str:
    """Draw the choice between the project and all projects for administrators, and return it."""
    if not view.administers:
        return _PROJECT
    shown = _PROJECT if view.owns and view.param("of") == _PROJECT else _ALL
    if view.owns:
        kept = {name: view.param(name) for name in _FILTERS[1:]}
        offered = {
            _ALL: ("All projects", view.link(PLACE, **kept)),
            _PROJECT: ("This project", view.link(PLACE, of=_PROJECT, **kept)),
        }
        draw_view_links(shown, offered, label="Audit")
    return shown


def _draw_filters(view: View, shown: str) -> dict[str, Any]:
    """Draw the filters, and return the query of the host."""
    people = load_options(
        "users",
        lambda: (
            one.username
            for one in (
                view.every(list_users) if shown == _ALL else view.every(list_members, view.project_id)
            )
        ),
    )
    with st.container(horizontal=True):
        user = query_params.draw_select(view, "user", "User", people, any_text="any user", clears=_CLEARS)
        action = query_params.draw_text_field(
            view, "action", "Action", placeholder="such as role, delete", clears=_CLEARS, width=200
        )
        subject = query_params.draw_text_field(
            view, "subject", "Subject", placeholder="part of the path", clears=_CLEARS, width=200
        )
        draw_window(view, clears=_CLEARS)
    filters = {
        "username": user,
        "action": action,
        "subject": subject,
        **read_window(view).arguments(),
    }
    return {name: value for name, value in filters.items() if value}


@fragment
def _draw_entries(view: View, shown: str, filters: dict[str, Any]) -> None:
    page = _read_page(view, shown, filters)
    _draw_selected(view, page.items)
    table(
        view,
        _COLUMNS,
        [_make_row(view, one) for one in page.items],
        key="audit.table",
        label="Audit log",
        filtered=False,
        empty="No requests match the filters." if filters else "No request has changed anything yet.",
    )
    draw_paging(view, PLACE, _FILTERS, page.next, label="Pages of the audit log")
    path = "audit/file" if shown == _ALL else f"projects/{quote(view.project_id, safe='')}/audit/file"
    query = {name: one.isoformat() if hasattr(one, "isoformat") else one for name, one in filters.items()}
    draw_download_link(
        view, path, "Download as CSV", name="audit.csv", hint="The newest 10,000 entries", **query
    )


def _read_page(view: View, shown: str, filters: dict[str, Any]) -> PageOf[AuditDocument]:
    after, wanted = view.param("after"), AuditQuery(**filters)
    if shown == _ALL:
        return view.ask(list_audit.paged(after=after), wanted)
    return view.ask(audit_of_project.paged(after=after), view.project_id, wanted)


def _draw_selected(view: View, entries: Sequence[AuditDocument]) -> None:
    """Draw the entry in the URL: who, from where, and each changed field before and after."""
    selected = next((one for one in entries if str(one.seq) == view.param("entry")), None)
    if selected is None:
        if view.param("entry"):
            show_empty("This entry is not on this page of the log.", "Change the filters, or page on.")
        return
    with st.container(border=True):
        facts = [
            f"<b>{escape(capitalise(selected.action))}</b>",
            f"by {escape(selected.username or 'an unknown user')}",
            view.time(selected.at),
            f"token {escape(selected.token)}" if selected.token else "",
            f"from {escape(selected.address)}" if selected.address else "",
            f"request {escape(selected.request_id)}",
        ]
        st.html(" · ".join(one for one in facts if one))
        st.html(f"<code>{escape(selected.method)} {escape(selected.path)}</code>")
        if selected.changes:
            st.html(_format_changes(selected.changes, selected.n_further_changes or 0))
        else:
            st.caption(
                "No changed fields are recorded. Values, notes, issues, files, flows and releases have histories on their pages."
            )


def _format_changes(changes: Sequence[FieldChangeDocument], n_further: int) -> str:
    rows = "".join(
        f"<tr><th scope=row>{escape(one.field)}</th><td>{_mark('del', one.before)}</td><td>{_mark('ins', one.after)}</td></tr>"
        for one in changes
    )
    more = f"<small>and {n_further} further fields</small>" if n_further else ""
    return (
        f"{_STYLE}<table class=changes><thead><tr><th scope=col>Field</th><th scope=col>Before</th><th scope=col>After</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>{more}"
    )


def _mark(tag: str, text: str | None) -> str:
    return "–" if text is None else f"<{tag}>{escape(text)}</{tag}>"


def _make_row(view: View, entry: AuditDocument) -> dict[str, Any]:
    kept = {name: view.param(name) for name in (*_FILTERS, "after")}
    return {
        "at": entry.at,
        "address": view.link(PLACE, **kept, entry=entry.seq),
        "username": entry.username,
        "action": capitalise(entry.action),
        "path": entry.path,
        "project_id": entry.project_id,
        "status": None if entry.status is None else str(entry.status),
        "changes": entry.describe_changes(most=_SHOWN_CHANGES),
    }
