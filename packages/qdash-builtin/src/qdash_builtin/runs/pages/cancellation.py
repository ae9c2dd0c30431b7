"""Confirmation before a run is cancelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.runs.operations.executions import cancel_execution, execution_progress
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.forms.confirm_action import confirm_action

if TYPE_CHECKING:
    from qdash_builtin.runs.views.progress import ProgressDocument
    from qdash_ui_streamlit.view import View


def ask_to_cancel(view: View, execution_id: str) -> None:
    """Describe the consequences, and cancel the run if the user confirms."""
    confirm_action(
        "Cancel this run?",
        describe_cancellation(view.ask(execution_progress, execution_id)),
        label="Cancel the run",
        act=lambda: view.ask(cancel_execution, execution_id),
        success="Cancellation requested.",
        back_label="Keep running",
    )


def describe_cancellation(far: ProgressDocument) -> str:
    """Return the consequences of a cancel, as Markdown."""
    run = f"**{escape_markdown(far.name)}** on {far.chip_id or 'no chip'} (`{far.execution_id}`)"
    if far.status.terminal:
        return f"{run} is already {far.status}."
    if not far.total:
        return f"{run} has no results yet."
    left = far.total - far.done
    return (
        f"{run} has {far.done} of {far.total} results, which are kept. "
        f"The remaining {left} are not measured; the run can be resumed later."
    )
