"""The figures of a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View


def render(view: View, chip_id: str) -> None:
    """Draw them."""
    st.write(view.project_id, chip_id)
