"""Actions on an execution: cancel, resume and rerun, with their outcomes, and export."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from uuid import uuid4

import streamlit as st

from qdash_builtin.files.models.file_root import EXECUTIONS
from qdash_builtin.runs.operations.executions import rerun_failed, resume_execution
from qdash_builtin.runs.pages.cancellation import ask_to_cancel
from qdash_builtin.values.operations.value_changes import adopt_values
from qdash_builtin.values.requests.value_changes import AdoptionRequest
from qdash_core.errors import LoginError, QDashError
from qdash_core.models.execution import ExecutionStatus
from qdash_ui_streamlit.display.download_link import draw_download_link, draw_report_link
from qdash_ui_streamlit.display.fragments import dialog
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_problem
from qdash_ui_streamlit.display.reruns import rerun
from qdash_ui_streamlit.forms.confirm_action import draw_dialog_buttons

if TYPE_CHECKING:
    from qdash_builtin.runs.views.executions import ExecutionHeader, ExecutionView, SubmittedDocument
    from qdash_core.operations.operation import Operation
    from qdash_ui_streamlit.view import View

_LAST_ACTION = "executions.told"


def show_last_action(place: str) -> None:
    """Show the outcome of the last action at a place of a page."""
    text = st.session_state.get(_LAST_ACTION)
    if text and text[0] == place:
        st.success(text[1], icon=":material/check:")


def draw_actions(view: View, shown: ExecutionView, *, queued: bool) -> None:
    """Draw the buttons for an execution, which may be queued, and the links to its report and export."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if view.edits:
            if is_active(shown):
                if st.button("Cancel", icon=":material/stop_circle:", key="execution.cancel"):
                    ask_to_cancel(view, shown.execution_id)
            elif can_be_resumed(shown) and not queued:
                draw_resume_button(view, shown.execution_id, place=shown.execution_id)
            if can_be_rerun(shown):
                _draw_rerun_button(view, shown.execution_id)
            if can_be_adopted(shown) and st.button(
                "Adopt values", icon=":material/publish:", key="execution.adopt"
            ):
                _ask_to_adopt(view, shown)
        path = f"executions/{shown.execution_id}"
        draw_report_link(view, path, name=shown.execution_id)
        draw_download_link(view, f"{path}/export", "Export (ZIP)", name=f"{shown.execution_id}.zip")
        files = view.link("files", root=EXECUTIONS, folder=shown.execution_id)
        st.html(f'<a href="{escape(files)}">Files</a>', width="content")
    show_last_action(shown.execution_id)


def is_active(shown: ExecutionHeader) -> bool:
    """Return whether an execution is scheduled or running."""
    return not shown.status.terminal and not shown.interrupted


def can_be_resumed(shown: ExecutionView) -> bool:
    """Return whether an execution can be resumed; one of a file only on the machine that has it."""
    ended = (ExecutionStatus.FAILED, ExecutionStatus.CANCELLED)
    named = shown.request is not None and not shown.request.names_file
    return named and (bool(shown.interrupted) or shown.status in ended)


def can_be_rerun(shown: ExecutionView) -> bool:
    """Return whether an execution has ended with incomplete tasks, and can be run again by name."""
    left = any(number for state, number in shown.tasks.items() if state != "completed")
    named = shown.request is not None and not shown.request.is_user_flow
    return named and left and shown.status.terminal


def can_be_adopted(shown: ExecutionView) -> bool:
    """Return whether an execution was simulated, has ended, and its values were not adopted yet."""
    return shown.simulated and shown.status.terminal and shown.adopted is None


def _ask_to_adopt(view: View, shown: ExecutionView) -> None:
    """Ask for the id of the chip, then make the simulated values the chip's."""

    @dialog("Adopt simulated values?")
    def draw() -> None:
        st.markdown(
            f"The accepted values of execution {shown.execution_id} were measured on a simulation. They become values of "
            f"chip **{escape_markdown(shown.chip_id)}** and stay marked as simulated. Values that were measured later stay."
        )
        typed = st.text_input("Type the id of the chip", key="execution.adopt.chip")
        draw_dialog_buttons(
            "Adopt",
            lambda: view.ask(adopt_values, shown.execution_id, asked=AdoptionRequest(chip_id=typed)),
            "Values adopted",
            key="execution.adopt.go",
            problem="" if typed == shown.chip_id else "This is not the id of the chip.",
        )

    draw()


def draw_resume_button(view: View, execution_id: str, *, place: str) -> None:
    """Draw the button that resumes an execution."""
    if st.button(
        "Resume",
        icon=":material/resume:",
        key=f"resume.{place}.{execution_id}",
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
    view: View, operation: Operation[..., SubmittedDocument], execution_id: str, place: str, does: str
) -> None:
    """Submit a run with an idempotency key that is kept until the host has answered, and show the outcome."""
    key = f"once.{does}.{execution_id}"
    once = st.session_state.setdefault(key, uuid4().hex)
    try:
        answer = view.ask(operation.once(once), execution_id)
    except LoginError:
        raise
    except QDashError as error:
        show_problem(error)
    else:
        st.session_state.pop(key)
        st.session_state[_LAST_ACTION] = (place, _describe_submission(view, answer, does))
        rerun()


def _describe_submission(view: View, answer: SubmittedDocument, does: str) -> str:
    address = view.link("execution", execution=answer.execution_id)
    waits = f" It is waiting for {answer.waits_for}." if answer.waits_for else ""
    advice = f" {answer.advice}." if answer.advice else ""
    return f"Execution [{answer.execution_id}]({address}) {does}.{waits}{advice}"
