"""The flow of the URL, as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from qdash_client.generated.api.flows import show_flow
from qdash_core.errors import NotFoundError
from qdash_ui_streamlit.display.facts import draw_facts

if TYPE_CHECKING:
    from qdash_core.documents.flows import FlowDocument
    from qdash_core.documents.saved_flows import SavedFlowDocument
    from qdash_ui_streamlit.view import View

PAGE = "flows"
NOT_SAVED = '"0"'
"""ETag of a flow that was never saved: a save with it is refused if there is one meanwhile."""


@dataclass(frozen=True, slots=True)
class FlowPlace:
    """A flow.

    Parameters
    ----------
    name : str
        Name.
    etag : str
        ETag of the newest saved version.
    saved : SavedFlowDocument or None
        Newest saved version, or None.
    installed : FlowDocument or None
        Flow of a plugin, or None.
    """

    name: str
    etag: str = NOT_SAVED
    saved: SavedFlowDocument | None = None
    installed: FlowDocument | None = None

    @property
    def source(self) -> str:
        """Source of the newest saved version, empty if there is none."""
        return "" if self.saved is None else self.saved.source or ""


def load_flow(view: View, name: str) -> FlowPlace:
    """Return a flow; a new one if the URL has a start for it.

    Raises
    ------
    NotFoundError
        If there is none.
    """
    try:
        found, etag = view.ask_versioned(show_flow, name)
    except NotFoundError:
        if view.param("start") is None:
            raise
        return FlowPlace(name)
    return FlowPlace(name, etag or NOT_SAVED, found.saved, found.installed)


def draw_flow_facts(view: View, flow: FlowPlace) -> None:
    """Draw facts about the newest version of a flow."""
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
            "Saved": f"{view.time(saved.updated_at)} by {escape(saved.username)}",
            "Function": f"<code>{escape(saved.function)}</code>",
            "Description": escape(saved.description) or None,
            "Tags": escape(", ".join(saved.tags)) or None,
        }
    else:
        facts = {"Version": "not saved yet"}
    draw_facts(facts)
