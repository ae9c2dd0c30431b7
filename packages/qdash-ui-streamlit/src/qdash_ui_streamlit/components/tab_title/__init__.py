"""Title of the browser's tab: the heading of the page, the chip and the name of the dashboard."""

from __future__ import annotations

from qdash_ui_streamlit.components.assets import make_component

_tab_title = make_component(__file__, html="<span hidden></span>")


def name_tab(title: str) -> None:
    """Name the tab, and the history entry, after the heading of the page, as soon as it is drawn; `title` is for a page without one."""
    _tab_title(key="qdash.tab", data={"title": title})
