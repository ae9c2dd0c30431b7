"""Words that explain what stands beside them."""

from __future__ import annotations

import streamlit as st


def small(text: str) -> None:
    """Draw a line of Markdown in small letters: captions of Streamlit are too light to be read by everybody."""
    st.markdown(f":small[{text}]")
