"""Button *More filters*, which opens the rarely used filters of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Sequence

    from streamlit.delta_generator import DeltaGenerator

    from qdash_ui_streamlit.view import View


def more_filters(view: View, names: Sequence[str], *, label: str = "More filters") -> DeltaGenerator:
    """Return the container of the rarely used filters, opened by a button that shows how many of them are set in the URL."""
    used = sum(view.param(name) is not None for name in names)
    return st.popover(f"{label} ({used})" if used else label, icon=":material/tune:", width="content")
