"""Versions of a saved flow: their differences, and restoring one."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.flows.operations import list_flow_versions, restore_flow_version, show_flow_version
from qdash_builtin.flows.pages.flow_place import PAGE
from qdash_ui_streamlit.components.editor import editor
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.differences import compare_texts, draw_differences
from qdash_ui_streamlit.display.facts import draw_facts
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.paging import draw_paging
from qdash_ui_streamlit.forms.confirm_action import confirm_action
from qdash_ui_streamlit.forms.query_params import draw_choice

if TYPE_CHECKING:
    from qdash_builtin.flows.pages.flow_place import FlowPlace
    from qdash_builtin.flows.views.saved_flows import DeletedFlowDocument, SavedFlowDocument
    from qdash_ui_streamlit.view import View

_PAGE = 50
_COLUMNS = (
    Column("version", "Version", link="address", help="Shows its differences"),
    Column("updated_at", "Saved", "time"),
    Column("username", "Author", "user"),
    Column("deleted", "Deleted by"),
    Column("function", "Function", "code"),
    Column("description", "Description"),
    Column("sha256", "SHA-256", "code"),
)
_SHORT_HASH = 8
_PREVIOUS, _NEWEST = "its previous version", "the newest version"


def draw_flow_versions(view: View, flow: FlowPlace) -> None:
    """Draw the versions of a flow, also of a deleted one, and the version of the URL, by default the newest."""
    if flow.deleted is not None:
        _draw_deletion(view, flow.deleted)
    if view.edits and flow.obstacle is not None:
        st.info(
            f"You can read and compare versions here, but not restore: {escape_markdown(flow.obstacle)}",
            icon=":material/lock:",
        )
    page = view.ask(list_flow_versions.paged(limit=_PAGE, after=view.param("after")), flow.name)
    rows = [_make_row(view, flow.name, one) for one in page.items]
    columns = [one for one in _COLUMNS if one.name != "deleted" or any(row["deleted"] for row in rows)]
    table(
        view, columns, rows, key="flows.versions", label=f"Versions of {flow.name}", filtered=False, shown=10
    )
    draw_paging(view, PAGE, ("flow", "view"), page.next, label="Pages of versions")
    named = view.param("version")
    shown = next((one for one in page.items if str(one.version) == named), None)
    if shown is None and page.items:
        shown = page.items[0]
    if shown is not None:
        _draw_version(view, flow, shown.version)


def _draw_deletion(view: View, deleted: DeletedFlowDocument) -> None:
    by = "" if deleted.deleted_by is None else f" by {escape(deleted.deleted_by)}"
    draw_facts(
        {
            "Deleted": f"{view.time(deleted.deleted_at)}{by}",
            "Newest version": str(deleted.version),
            "Description": escape(deleted.description) or None,
        }
    )
    st.warning(
        "This flow was deleted: it cannot be started, and timetables of it start nothing.",
        icon=":material/delete:",
    )


def _make_row(view: View, name: str, version: SavedFlowDocument) -> dict[str, Any]:
    return {
        "version": str(version.version),
        "address": view.link(PAGE, flow=name, view="versions", version=version.version),
        "updated_at": version.updated_at,
        "username": version.username,
        "deleted": version.deleted_by,
        "function": version.function,
        "description": version.description,
        "sha256": (version.sha256 or "")[:_SHORT_HASH],
    }


def _draw_version(view: View, flow: FlowPlace, number: int) -> None:
    """Draw the differences and the source of a version, and the button that restores it."""
    newest = _get_newest(flow)
    shown = view.ask(show_flow_version, flow.name, number)
    st.header(f"Version {number}", anchor=False)
    offered = [_PREVIOUS] * (number > 1) + [_NEWEST] * (number != newest)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        against = draw_choice(view, "against", "Differences from", offered) if offered else None
        if (
            view.edits
            and flow.obstacle is None
            and (number != newest or flow.deleted is not None)
            and st.button("Restore \u2026", icon=":material/history:", key="flows.restore")
        ):
            _confirm_restore(view, flow, number)
    if against is not None:
        other = newest if against == _NEWEST else number - 1
        before = view.ask(show_flow_version, flow.name, other)
        unified = compare_texts(
            before.source or "", shown.source or "", names=(f"version {other}", f"version {number}")
        )
        if unified:
            draw_differences(unified)
        else:
            st.caption("No differences in the source.")
    editor(
        shown.source or "",
        key=f"flows.version.{flow.name}.{number}",
        label=f"{flow.name}.py, version {number}",
        version=str(number),
        mode="python",
        read_only=True,
    )


def _confirm_restore(view: View, flow: FlowPlace, number: int) -> None:
    starts = " It can be started again, and its timetables start it." if flow.deleted is not None else ""
    confirm_action(
        "Restore this version?",
        f"Version {number} of {escape_markdown(flow.name)} is saved again, as version {_get_newest(flow) + 1}.{starts} "
        "All versions stay on record.",
        label="Restore",
        act=lambda: view.ask(restore_flow_version.at_version(flow.etag), flow.name, number),
        success="Restored.",
    )


def _get_newest(flow: FlowPlace) -> int:
    newest = flow.saved or flow.deleted
    assert newest is not None
    return newest.version
