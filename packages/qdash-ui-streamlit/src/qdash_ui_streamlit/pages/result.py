"""Result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_ui_streamlit.page import Page

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View


def render(view: View) -> None:
    """Draw the page."""
    st.title("Result")
    st.write(view.project_id)


PAGE = Page("Result", ":material/query_stats:", "Now", "result", render, hidden=True)
