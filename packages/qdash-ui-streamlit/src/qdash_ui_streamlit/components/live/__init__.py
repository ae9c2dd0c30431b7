"""What happens on the host, as it happens: the one stream of a tab, told to the other components of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_ui_streamlit.components.assets import component

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View

_live = component("live", html='<div class="live" role="status"></div>')


def live(view: View) -> None:
    """Show whether the page hears what happens, and tell it to components: `qdash:event` at the document."""
    _live(key="qdash.live", data={"project": view.project_id, "zone": view.zone.key})
