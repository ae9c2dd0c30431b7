"""Run page: a flow or a task on a chip, previewed and started now or by a timetable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.runs.pages.run_form import draw_run_form
from qdash_ui_streamlit.display.notices import show_no_chip
from qdash_ui_streamlit.forms.option_lists import load_chips
from qdash_ui_streamlit.forms.query_params import draw_choice

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View


def render(view: View) -> None:
    """Draw the form of a run on the chip in the URL, of its `targets`, and of its `flow` or `task` if there is one."""
    chip_id, chips = load_chips(view)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.title("Run", anchor=False, width="content")
        if chip_id is not None:
            draw_choice(view, "chip", "Chip", chips, width=180)
    if chip_id is None:
        show_no_chip(view)
        return
    targets = [one.strip() for one in (view.param("targets") or "").split(",") if one.strip()]
    draw_run_form(
        view, chip_id, targets, task=view.param("task"), flow=view.param("flow"), key=f"run.{chip_id}"
    )
