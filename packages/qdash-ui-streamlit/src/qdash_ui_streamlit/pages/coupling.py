"""Coupling: all that is known of one, and what may be done with it."""

from __future__ import annotations

from functools import partial

from qdash_ui_streamlit.page import Page
from qdash_ui_streamlit.pages.target import draw_target
from qdash_ui_streamlit.showing.targets import COUPLING

PAGE = Page(
    "Coupling", ":material/link:", "Chip", "coupling", partial(draw_target, kind=COUPLING), hidden=True
)
