"""Parts of a page that are drawn anew by themselves: what goes wrong in one is told in its place, as in a page."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Literal, ParamSpec

import streamlit as st

from qdash_ui_streamlit.showing.states import told

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")


def part(draw: Callable[P, None]) -> Callable[P, None]:
    """Make a function that draws a part of a page a fragment."""
    return st.fragment(_guarded(draw))


def dialog(
    title: str, *, width: Literal["small", "large"] = "small"
) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Make a function that draws a question a dialog."""
    return lambda draw: st.dialog(title, width=width)(_guarded(draw))


def _guarded(draw: Callable[P, None]) -> Callable[P, None]:
    @wraps(draw)
    def guarded(*given: P.args, **named: P.kwargs) -> None:
        with told():
            draw(*given, **named)

    return guarded
