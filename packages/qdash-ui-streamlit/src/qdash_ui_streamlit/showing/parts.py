"""A part of a page that is drawn anew by itself: what goes wrong in it is told in its place, as in a page."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, ParamSpec

import streamlit as st

from qdash_ui_streamlit.showing.states import told

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")


def part(draw: Callable[P, None]) -> Callable[P, None]:
    """Make a function that draws a part of a page a fragment."""

    @wraps(draw)
    def guarded(*given: P.args, **named: P.kwargs) -> None:
        with told():
            draw(*given, **named)

    return st.fragment(guarded)
