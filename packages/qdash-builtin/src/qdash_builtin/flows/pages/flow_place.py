"""The flow of the URL, as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from qdash_builtin.flows.operations import show_deleted_flow, show_flow
from qdash_core.errors import NotFoundError
from qdash_ui_streamlit.display.facts import draw_facts
from qdash_ui_streamlit.display.object_links import format_object

if TYPE_CHECKING:
    from qdash_builtin.flows.views.flows import FlowDocument
    from qdash_builtin.flows.views.saved_flows import DeletedFlowDocument, SavedFlowDocument
    from qdash_ui_streamlit.view import View

PAGE = "flows"
NOT_SAVED = '"0"'
"""ETag of a flow that was never saved: a save with it is refused if there is one meanwhile."""


@dataclass(frozen=True, slots=True)
class FlowPlace:
    """A flow: saved, of a plugin, or deleted.

    `obstacle` is the reason why the user may not save, restore or delete it; None if they may, or it was never saved.
    """

    name: str
    etag: str = NOT_SAVED
    saved: SavedFlowDocument | None = None
    installed: FlowDocument | None = None
    deleted: DeletedFlowDocument | None = None
    obstacle: str | None = None

    @property
    def source(self) -> str:
        """Source of the newest saved version, empty if there is none."""
        return "" if self.saved is None else self.saved.source or ""


def load_flow(view: View, name: str) -> FlowPlace:
    """Return a flow, also a deleted one; a new one if the URL has a start for it.

    Raises
    ------
    NotFoundError
        If there is none.
    """
    try:
        found, etag = view.ask_versioned(show_flow, name)
    except NotFoundError:
        if view.param("start") is not None:
            return FlowPlace(name)
        try:
            deleted = view.ask(show_deleted_flow, name)
        except NotFoundError:
            deleted = None
        if deleted is None:
            raise
        return FlowPlace(name, deleted=deleted, obstacle=deleted.restore_obstacle)
    return FlowPlace(name, etag or NOT_SAVED, found.saved, found.installed, obstacle=found.save_obstacle)


def draw_flow_facts(view: View, flow: FlowPlace) -> None:
    """Draw facts about the newest version of a flow that is not deleted."""
    if flow.installed is not None:
        facts: dict[str, str | None] = {
            "Kind": "installed",
            "Description": escape(flow.installed.description),
            "Tasks": escape(", ".join(flow.installed.tasks)) or None,
        }
    elif flow.saved is not None:
        saved = flow.saved
        facts = {
            "Version": str(saved.version),
            "Saved": f"{view.time(saved.updated_at)} by {format_object(view, 'user', saved.username)}",
            "Function": f"<code>{escape(saved.function)}</code>",
            "Description": escape(saved.description) or None,
            "Tags": escape(", ".join(saved.tags)) or None,
        }
    else:
        facts = {"Version": "not saved yet"}
    draw_facts(facts)
