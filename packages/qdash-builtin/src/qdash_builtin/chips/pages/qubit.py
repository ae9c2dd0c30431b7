"""Qubit page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.chips.pages.target import draw_target
from qdash_builtin.chips.pages.targets import QUBIT

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View


def render(view: View) -> None:
    """Draw the page."""
    draw_target(view, kind=QUBIT)
