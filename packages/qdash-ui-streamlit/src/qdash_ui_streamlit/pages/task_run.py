"""Running one task on a chip from its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from qdash_core.documents.tasks import TaskDocument
    from qdash_ui_streamlit.view import View


def task_run(view: View, task: TaskDocument, chip_id: str | None, why_not: str | None) -> None:
    """Draw how a task is run, for who may; why it cannot be for everybody."""
    if chip_id is None or not (view.edits or why_not):
        return
    st.header(f"Run it on {chip_id}", divider="gray")
    if why_not:
        st.info(f"It cannot be run on {chip_id}: it {why_not}.", icon=":material/block:")
        return
    st.markdown(f"[Choose where on the map of {chip_id}]({view.link('chip', chip=chip_id)})")
    _ = task
