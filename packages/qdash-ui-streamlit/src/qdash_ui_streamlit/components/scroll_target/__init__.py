"""Scrolling to the selected part of a page."""

from __future__ import annotations

from qdash_ui_streamlit.components.assets import make_component

_scroll_target = make_component("scroll_target", html="<span></span>")


def scroll_here(wanted: str | None, *, key: str) -> None:
    """Scroll to this place when the selection changes; None if nothing is selected."""
    _scroll_target(key=key, data={"wanted": wanted})
