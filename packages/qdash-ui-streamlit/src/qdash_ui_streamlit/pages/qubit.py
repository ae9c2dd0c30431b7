"""Qubit page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_ui_streamlit.display.targets import QUBIT
from qdash_ui_streamlit.pages.target import draw_target

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View


def render(view: View) -> None:
    """Draw the page."""
    draw_target(view, kind=QUBIT)
