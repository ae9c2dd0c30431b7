"""Flows page: lists of installed, saved and deleted flows, and the page of one flow with its editor, runs and versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.flows.operations import list_deleted_flows, list_flows
from qdash_builtin.flows.pages.flow_editor import draw_flow_editor
from qdash_builtin.flows.pages.flow_place import PAGE, load_flow
from qdash_builtin.flows.pages.flow_runs import draw_flow_runs
from qdash_builtin.flows.pages.flow_start import show_new_flow
from qdash_builtin.flows.pages.flow_versions import draw_flow_versions
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.breadcrumbs import draw_breadcrumbs
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.display.views import draw_view_links

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.flows.views.saved_flows import FlowEntryDocument
    from qdash_ui_streamlit.view import View

_COLUMNS = (
    Column("name", "Flow", link="address"),
    Column("kind", "Kind", help="Installed flows come with QDash and its plugins; members of the project save others"),
    Column("description", "Description"),
    Column("version", "Version", "number"),
    Column("username", "Author", "user"),
    Column("updated_at", "Changed", "time"),
    Column("tags", "Tags"),
)  # fmt: skip
_DELETED = (
    Column("name", "Flow", link="address"),
    Column("deleted_by", "Deleted by"),
    Column("deleted_at", "Deleted", "time"),
    Column("description", "Description"),
    Column("version", "Newest version", "number"),
    Column("username", "Author", "user"),
)
_LISTS = {"list": "Flows", "deleted": "Deleted"}
_VIEWS = {"source": "Source", "run": "Run", "versions": "Versions"}


def render(view: View) -> None:
    """Draw the page."""
    name = view.param("flow")
    if name is None:
        _draw_list(view)
        return
    draw_breadcrumbs([("Flows", view.link(PAGE))], name, label="Path of the flow")
    st.title(escape_markdown(name))
    flow = load_flow(view, name)
    if flow.deleted is not None:
        draw_flow_versions(view, flow)
        return
    offered = {
        key: (title, view.link(PAGE, flow=name, view=key, chip=view.param("chip")))
        for key, title in _VIEWS.items()
        if flow.saved is not None or key == "source" or (key == "run" and flow.installed is not None)
    }
    named = view.param("view")
    shown = named if named in offered else "source"
    draw_view_links(shown, offered, label="Views of the flow")
    if shown == "run":
        draw_flow_runs(view, flow)
    elif shown == "versions":
        draw_flow_versions(view, flow)
    else:
        draw_flow_editor(view, name)


def _draw_list(view: View) -> None:
    st.title("Flows")
    shown = "deleted" if view.param("view") == "deleted" else "list"
    offered = {
        key: (title, view.link(PAGE, view=None if key == "list" else key)) for key, title in _LISTS.items()
    }
    draw_view_links(shown, offered, label="Lists of flows")
    if shown == "deleted":
        _draw_deleted(view)
        return
    known = [*view.every(list_flows.paged(limit=200))]
    # A viewer may copy and check, too: only saving takes a right.
    if st.button("New flow \u2026", icon=":material/add:", key="flows.new"):
        show_new_flow(view, known)
    if not known:
        show_empty("No flow is installed or saved.")
        return
    table(view, _COLUMNS, _make_rows(view, known), key="flows.table", label="Flows")


def _draw_deleted(view: View) -> None:
    rows = [
        {
            "name": one.name,
            "address": view.link(PAGE, flow=one.name),
            "description": one.description,
            "version": one.version,
            "username": one.username,
            "deleted_by": one.deleted_by,
            "deleted_at": one.deleted_at,
        }
        for one in view.every(list_deleted_flows.paged(limit=200))
    ]
    if not rows:
        show_empty("No deleted flows.", "A deleted flow keeps its versions, and can be restored here.")
        return
    st.caption("A click on a flow shows its versions, which can be restored.")
    table(view, _DELETED, rows, key="flows.deleted", label="Deleted flows")


def _make_rows(view: View, known: Sequence[FlowEntryDocument]) -> list[dict[str, Any]]:
    return [
        {
            "name": one.name,
            "address": view.link(PAGE, flow=one.name),
            "kind": one.kind,
            "description": one.description,
            "version": one.version,
            "username": one.username,
            "updated_at": one.updated_at,
            "tags": ", ".join(one.tags or ()),
        }
        for one in known
    ]
