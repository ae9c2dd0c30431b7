"""What brings a part of a page into sight when the address asks for something in it."""

from __future__ import annotations

from qdash_ui_streamlit.components.assets import component

_in_sight = component("in_sight", html="<span></span>")


def in_sight(wanted: str | None, *, key: str) -> None:
    """Bring what stands here into sight when something else is wanted of it than before; None: nothing is."""
    _in_sight(key=key, data={"wanted": wanted})
