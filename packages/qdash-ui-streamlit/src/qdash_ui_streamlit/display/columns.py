"""Two columns that stack on narrow screens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

_NARROWEST = "23rem"


def make_wide_and_narrow(key: str) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Return a wide and a narrow column, stacked without room; Streamlit stacks them on telephones only.

    The key, unique on the page, has lower-case letters and `_`.
    """
    with st.container(key=key):
        st.html(
            f"<style>.st-key-{key} [data-testid=stColumn] {{ min-width: min(100%, {_NARROWEST}); }}</style>"
        )
        wide, narrow = st.columns([3, 2])
    return wide, narrow
