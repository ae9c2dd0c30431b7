"""Button behind which a page has the filters that are used rarely, so that the others take one row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamlit.delta_generator import DeltaGenerator

    from qdash_ui_streamlit.view import View


def more_filters(view: View, names: Sequence[str], *, label: str = "More filters") -> DeltaGenerator:
    """Return the place of further filters, behind a button that says how many of their query parameters are in the URL."""
    used = sum(view.param(name) is not None for name in names)
    return st.popover(f"{label} ({used})" if used else label, icon=":material/tune:", width="content")
