"""Links inside the dashboard, wherever they stand on a page: they lead on without loading it anew."""

from __future__ import annotations

from qdash_ui_streamlit.components.assets import component

_links = component("links", html="<span hidden></span>")


def links() -> None:
    """Let every `<a href="/...">` of the page, in tables, in Markdown and in `st.html`, lead on within the dashboard."""
    _links(key="qdash.links")
