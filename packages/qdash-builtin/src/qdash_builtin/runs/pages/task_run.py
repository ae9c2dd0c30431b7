"""Form that runs one task on a chip, on the page of the task."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.runs.pages.run_form import draw_run_form

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View


def draw_task_run(view: View, name: str, chip_id: str | None, why_not: str | None) -> None:
    """Draw the form that runs a task on the selected chip, or the reason why it is not available there."""
    if chip_id is None:
        return
    st.header(f"Run on {chip_id}" if view.edits else f"Dry run on {chip_id}", divider="gray")
    if why_not:
        st.info(f"Not available on {chip_id}: it {why_not}.", icon=":material/block:")
        return
    workbench = view.link("workbench", chip=chip_id, task=name)
    st.markdown(
        f"[Workbench]({workbench}): one target, with its inputs and the previous result beside the new one"
    )
    draw_run_form(view, chip_id, (), task=name, described=False, key="task.run")
