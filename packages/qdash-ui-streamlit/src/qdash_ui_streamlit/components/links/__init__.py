"""Links within the dashboard that do not reload the page."""

from __future__ import annotations

from qdash_ui_streamlit.components.assets import make_component

_links = make_component("links", html="<span hidden></span>")


def enable_links() -> None:
    """Let every `<a href="/...">` of the page, in tables, Markdown and `st.html`, work without a reload."""
    _links(key="qdash.links")
