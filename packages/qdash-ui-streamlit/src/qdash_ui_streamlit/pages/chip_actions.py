"""What can be done with targets that were chosen on the map of a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_ui_streamlit.view import View


def chip_actions(view: View, chip_id: str, targets: Sequence[str]) -> None:
    """Draw the form with which targets are calibrated."""
    st.write(view.project_id, chip_id, ", ".join(targets))
