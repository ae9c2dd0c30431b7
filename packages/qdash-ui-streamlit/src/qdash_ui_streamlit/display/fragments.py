"""Fragments and dialogs of pages that show their own errors."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Literal, ParamSpec

import streamlit as st

from qdash_ui_streamlit.display.notices import show_errors

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")


def fragment(draw: Callable[P, None]) -> Callable[P, None]:
    """Return a drawing function as a Streamlit fragment that shows its errors."""
    return st.fragment(_with_errors_shown(draw))


def dialog(
    title: str, *, width: Literal["small", "large"] = "small"
) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Return a decorator that makes a drawing function a dialog that shows its errors."""
    return lambda draw: st.dialog(title, width=width)(_with_errors_shown(draw))


def _with_errors_shown(draw: Callable[P, None]) -> Callable[P, None]:
    @wraps(draw)
    def guarded(*given: P.args, **named: P.kwargs) -> None:
        with show_errors():
            draw(*given, **named)

    return guarded
