"""Least height of components while the browser loads them: the page below does not move."""

from __future__ import annotations

import re

import streamlit as st


def reserve_height(key: str, height: str) -> None:
    """Give the component of a key a least height on wide screens.

    Parameters
    ----------
    key : str
        Key of the component.
    height : str
        Height that it will have at least, as a CSS length.
    """
    name = re.sub(r"[^a-zA-Z0-9_-]", "-", key.strip())
    st.html(f"<style>@media (min-width: 641px) {{ .st-key-{name} {{ min-height: {height}; }} }}</style>")
