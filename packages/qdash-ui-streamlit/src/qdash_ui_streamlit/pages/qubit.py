"""Qubit: all that is known of one, and what may be done with it."""

from __future__ import annotations

from functools import partial

from qdash_ui_streamlit.page import Page
from qdash_ui_streamlit.pages.target import draw_target
from qdash_ui_streamlit.showing.targets import QUBIT

PAGE = Page(
    "Qubit",
    ":material/radio_button_unchecked:",
    "Chip",
    "qubit",
    partial(draw_target, kind=QUBIT),
    hidden=True,
)
