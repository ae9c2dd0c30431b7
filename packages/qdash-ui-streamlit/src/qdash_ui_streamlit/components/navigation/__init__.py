"""Navigation to a page from Python, with an entry in the browser history as for a link."""

from __future__ import annotations

from qdash_ui_streamlit.components.assets import make_component

_navigation = make_component("navigation", html="<span hidden></span>")


def navigate_to(address: str, *, key: str) -> None:
    """Navigate to a URL of the dashboard."""
    _navigation(key=key, data={"address": address})
