"""Navigation to a page from Python, with an entry in the browser history as for a link."""

from __future__ import annotations

from qdash_ui_streamlit.components.assets import component

_follow = component("follow", html="<span hidden></span>")


def follow(address: str, *, key: str) -> None:
    """Navigate to a URL of the dashboard."""
    _follow(key=key, data={"address": address})
