"""Scrolling to a part of a page when the URL selects something in it."""

from __future__ import annotations

from qdash_ui_streamlit.components.assets import make_component

_scroll_target = make_component("scroll_target", html="<span></span>")


def scroll_here(wanted: str | None, *, key: str) -> None:
    """Scroll to this place when the selection changes; None if nothing is selected."""
    _scroll_target(key=key, data={"wanted": wanted})
