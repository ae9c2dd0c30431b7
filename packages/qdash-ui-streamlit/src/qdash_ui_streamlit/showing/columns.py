"""Two columns that stand below each other where there is no room beside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

_NARROWEST = "23rem"


def wide_and_narrow(key: str) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Return a wide column and one beside it, or below it: Streamlit itself does that on telephones only.

    Parameters
    ----------
    key : str
        Unique on the page; small letters and `_`.
    """
    with st.container(key=key):
        st.html(f"<style>.st-key-{key} [data-testid=stColumn] {{ min-width: {_NARROWEST}; }}</style>")
        wide, narrow = st.columns([3, 2])
    return wide, narrow
