"""The question before a run is cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_client.generated.api.executions import cancel_execution, execution_progress

if TYPE_CHECKING:
    from qdash_core.documents.progress import ProgressDocument
    from qdash_ui_streamlit.view import View


@st.dialog("Cancel this run?")
def ask_to_cancel(view: View, execution_id: str) -> None:
    """Say what the end of a run means, and cancel it if that is wanted."""
    st.write(meaning(view.ask(execution_progress, execution_id)))
    keep, end = st.columns(2)
    if keep.button("Let it run", width="stretch"):
        st.rerun()
    if end.button("Cancel the run", type="primary", width="stretch"):
        view.ask(cancel_execution, execution_id)
        st.rerun()


def meaning(far: ProgressDocument) -> str:
    """Return what the end of a run would mean."""
    run = f"**{far.name}** on {far.chip_id or 'no chip'} (`{far.execution_id}`)"
    if far.status.terminal:
        return f"{run} is {far.status} already."
    if not far.total:
        return f"{run} has not measured anything yet."
    left = far.total - far.done
    return (
        f"{run} has {far.done} of {far.total} results, which stay. "
        f"{left} would not be measured; the run can be resumed later."
    )
