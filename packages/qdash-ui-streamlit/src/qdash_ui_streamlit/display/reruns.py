"""Repeated drawing of a page."""

from __future__ import annotations

from typing import Literal, NoReturn

import streamlit as st


def rerun(scope: Literal["app", "fragment"] = "app") -> NoReturn:
    """Draw the page or the fragment again, unless the user has gone to another address meanwhile: then draw that."""
    # `st.rerun` would repeat the old address. Before an element is drawn, Streamlit performs a waiting request of the browser.
    st.empty()
    st.rerun(scope=scope)  # noqa: TID251
