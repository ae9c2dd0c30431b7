"""Style of pages whose maps or figures beside each other need the width of the window."""

import streamlit as st

WIDE_STYLE = ".stMainBlockContainer { padding-left: 2rem; padding-right: 2rem; }"
"""CSS rule that narrows the margins of a page."""


def use_wide_page() -> None:
    """Narrow the margins of the page."""
    st.html(f"<style>{WIDE_STYLE}</style>")
