"""Scrolling to the selected part of a page."""

from __future__ import annotations

from typing import Literal

from qdash_ui_streamlit.components.assets import make_component

_scroll_target = make_component(__file__, html="<span></span>")


def scroll_here(
    wanted: str | None, *, key: str, block: Literal["start", "nearest"] = "nearest", as_loaded: bool = True
) -> None:
    """Scroll to this place when the selection changes; None if nothing is selected.

    Parameters
    ----------
    block : {"start", "nearest"}
        Whether to scroll the place to the top of the window, or only until it is visible.
    as_loaded : bool
        Whether to scroll also to the selection with which the page is loaded. If not, a place in the upper half of the window stays.
    """
    _scroll_target(key=key, data={"wanted": wanted, "block": block, "as_loaded": as_loaded})
