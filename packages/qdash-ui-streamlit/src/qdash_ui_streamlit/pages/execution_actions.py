"""Actions on an execution: cancel, resume and rerun, with their outcomes, and export."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from uuid import uuid4

import streamlit as st

from qdash_client.generated.api.executions import rerun_failed, resume_execution
from qdash_core.errors import LoginError, QDashError
from qdash_core.models.execution import ExecutionStatus
from qdash_ui_streamlit.display.notices import show_problem
from qdash_ui_streamlit.forms.cancellation import ask_to_cancel

if TYPE_CHECKING:
    from qdash_core.documents.executions import ExecutionHeader, ExecutionView, SubmittedDocument
    from qdash_ui_streamlit.view import Operation, View

_LAST_ACTION = "executions.told"


def show_last_action(place: str) -> None:
    """Show the outcome of the last action at a place of a page."""
    text = st.session_state.get(_LAST_ACTION)
    if text and text[0] == place:
        st.success(text[1], icon=":material/check:")


def draw_actions(view: View, shown: ExecutionView, *, queued: bool) -> None:
    """Draw the buttons for an execution, which may be queued, and the link to its export."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if view.edits:
            if is_active(shown):
                if st.button("Cancel", icon=":material/stop_circle:", key="execution.cancel"):
                    ask_to_cancel(view, shown.execution_id)
            elif can_be_resumed(shown) and not queued:
                draw_resume_button(view, shown.execution_id, place=shown.execution_id)
            if can_be_rerun(shown):
                _draw_rerun_button(view, shown.execution_id)
        address = view.host_path(f"executions/{shown.execution_id}/export")
        st.html(
            f'<a href="{escape(address)}" download="{escape(shown.execution_id)}.zip" style="color: inherit">Export (ZIP)</a>',
            width="content",
        )
    show_last_action(shown.execution_id)


def is_active(shown: ExecutionHeader) -> bool:
    """Return whether an execution is scheduled or running."""
    return not shown.status.terminal and not shown.interrupted


def can_be_resumed(shown: ExecutionView) -> bool:
    """Return whether an execution can be resumed."""
    ended = (ExecutionStatus.FAILED, ExecutionStatus.CANCELLED)
    return shown.request is not None and (bool(shown.interrupted) or shown.status in ended)


def can_be_rerun(shown: ExecutionView) -> bool:
    """Return whether an execution has ended with incomplete tasks, and can be run again by name."""
    left = any(number for state, number in shown.tasks.items() if state != "completed")
    named = shown.request is not None and not shown.request.of_ones_own
    return named and left and shown.status.terminal


def draw_resume_button(view: View, execution_id: str, *, place: str) -> None:
    """Draw the button that resumes an execution."""
    if st.button(
        "Resume",
        icon=":material/resume:",
        key=f"resume.{execution_id}",
        help="Completed tasks are not measured again.",
    ):
        _submit_run(view, resume_execution, execution_id, place, "resumes as soon as its chip is free")  # fmt: skip


def _draw_rerun_button(view: View, execution_id: str) -> None:
    hint = (
        "Starts a new execution of the failed, skipped and cancelled tasks, and of those that depend on them."
    )
    if st.button("Rerun incomplete tasks", icon=":material/replay:", key=f"rerun.{execution_id}", help=hint):
        _submit_run(view, rerun_failed, execution_id, execution_id, "reruns the incomplete tasks")


def _submit_run(
    view: View, operation: Operation[SubmittedDocument], execution_id: str, place: str, does: str
) -> None:
    """Submit a run with an idempotency key that is kept until the host has answered, and show the outcome."""
    key = f"once.{does}.{execution_id}"
    once = st.session_state.setdefault(key, uuid4().hex)
    try:
        answer = view.ask(operation, execution_id, idempotency_key=once)
    except LoginError:
        raise
    except QDashError as error:
        show_problem(error)
    else:
        st.session_state.pop(key)
        st.session_state[_LAST_ACTION] = (place, _describe_submission(view, answer, does))
        st.rerun()


def _describe_submission(view: View, answer: SubmittedDocument, does: str) -> str:
    address = view.link("execution", execution=answer.execution_id)
    waits = f" It is waiting for {answer.waits_for}." if answer.waits_for else ""
    advice = f" {answer.advice}." if answer.advice else ""
    return f"Execution [{answer.execution_id}]({address}) {does}.{waits}{advice}"
