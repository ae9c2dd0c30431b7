"""Scrolling to a part of a page when the URL selects something in it."""

from __future__ import annotations

from qdash_ui_streamlit.components.assets import component

_in_sight = component("in_sight", html="<span></span>")


def in_sight(wanted: str | None, *, key: str) -> None:
    """Scroll to this place when the selection changes; None if nothing is selected."""
    _in_sight(key=key, data={"wanted": wanted})
