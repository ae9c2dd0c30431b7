"""Fragments and dialogs of pages that show their own errors and messages."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Literal, ParamSpec

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from qdash_ui_streamlit.display.notices import show_errors
from qdash_ui_streamlit.display.reruns import draw_said

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")


def fragment(draw: Callable[P, None]) -> Callable[P, None]:
    """Return a drawing function as a Streamlit fragment that shows its errors."""
    return st.fragment(_with_messages(draw))


def dialog(
    title: str, *, width: Literal["small", "large"] = "small"
) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Return a decorator that makes a drawing function a dialog that shows its errors."""
    return lambda draw: st.dialog(title, width=width)(_with_messages(draw))


def _with_messages(draw: Callable[P, None]) -> Callable[P, None]:
    @wraps(draw)
    def guarded(*given: P.args, **named: P.kwargs) -> None:
        with show_errors():
            draw(*given, **named)
        context = get_script_run_ctx()
        if context is not None and context.fragment_ids_this_run:  # else the page draws them
            draw_said()

    return guarded
