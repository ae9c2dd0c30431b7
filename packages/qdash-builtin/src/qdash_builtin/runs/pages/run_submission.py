"""Submission of a run from a form, with a preview; each request is submitted only once."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn
from uuid import uuid4

import streamlit as st

from qdash_builtin.runs.operations.executions import execution_header, submit_run
from qdash_builtin.runs.operations.plans import preview_run
from qdash_builtin.runs.pages.cancellation import ask_to_cancel
from qdash_builtin.runs.pages.progress import progress
from qdash_cli.rendering.output import format_count
from qdash_core.errors import LoginError, NothingToDoError, QDashError
from qdash_core.models.execution import ExecutionStatus
from qdash_ui_streamlit.components.event_kinds import ALL_BUT_TASKS
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.scroll_target import scroll_here
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.markdown import escape_markdown, escape_message, format_sentence
from qdash_ui_streamlit.display.notices import show_empty, show_problem
from qdash_ui_streamlit.display.reruns import rerun, say
from qdash_ui_streamlit.display.times import format_duration
from qdash_ui_streamlit.session import refresh_user

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from streamlit.delta_generator import DeltaGenerator

    from qdash_builtin.runs.views.executions import SubmittedDocument
    from qdash_builtin.runs.views.previews import PreviewDocument
    from qdash_core.models.request import RunRequest
    from qdash_ui_streamlit.view import View

_COLUMNS = (
    Column("step", "Step"),
    Column("tasks", "Tasks"),
    Column("targets", "Targets"),
    Column("groups", "Groups", "number", help="Groups of targets that are measured together"),
    Column("seconds", "Expected time", "seconds", help="Laboratory time"),
)
_PLAN, _START = "plan", "start"
"""Actions of the buttons."""


@dataclass
class FormSubmission:
    """State of the request of a form, with the error of its submission or preview.

    Parameters
    ----------
    idempotency_key : str
        However often the request is sent, it is one run.
    preview : PreviewDocument or None
        None if not requested.
    details : bool
        Whether the user has asked for the stages of the preview, and not only for the forecast.
    """

    request: RunRequest
    idempotency_key: str
    preview: PreviewDocument | None = None
    details: bool = False
    submitted: SubmittedDocument | None = None
    error: QDashError | None = None


def keep_or_renew_submission(
    submission: FormSubmission | None, request: RunRequest, new_key: Callable[[], str]
) -> FormSubmission:
    """Return the state of a request, a new one if the request in the form has changed."""
    return (
        submission
        if submission is not None and submission.request == request
        else FormSubmission(request, new_key())
    )


def clear_submission(key: str) -> None:
    """Clear the request of a form: a form that is opened again submits another run."""
    st.session_state.pop(f"{key}.asked", None)


def draw_submission(
    view: View,
    request: RunRequest | None,
    *,
    key: str,
    row: DeltaGenerator | None = None,
    forecast: bool = False,
    in_dialog: bool = False,
    with_progress: bool = True,
    obstacle: str | None = None,
) -> None:
    """Draw the buttons of a form, and their outcome. A user without permission to run has no button to start.

    The buttons are not greyed while the form has errors: a user clicks them while the page does not yet know the last typed text, and
    that click acts on the form with this text.

    Parameters
    ----------
    request : RunRequest or None
        None if the form has errors.
    row : DeltaGenerator or None
        Container of the buttons, or None for a new one.
    forecast : bool
        Whether to show the expected duration before the start.
    in_dialog : bool
        Whether a start closes the dialog of the form; the page then draws the run by `draw_started_run`.
    obstacle : str or None
        What to do before a start if the form has errors; None: to correct the marked fields.
    """
    place = f"{key}.asked"
    planned, started = (bool(st.session_state.get(f"{key}.{one}")) for one in (_PLAN, _START))
    submission: FormSubmission | None = None
    if request is not None:
        submission = st.session_state[place] = keep_or_renew_submission(
            st.session_state.get(place), request, lambda: uuid4().hex
        )
        if planned:
            submission.details = True
            _request_preview(view, submission)
        elif started and view.edits:
            _submit_run(view, submission)
            if in_dialog and submission.submitted is not None:
                _close_dialog(view, submission.submitted, key)
    submitted = submission is not None and submission.submitted is not None
    with row or st.container(horizontal=True):
        _draw_button("Dry run", _PLAN, "visibility", key=key, submitted=submitted)
        if view.edits:
            _draw_button("Start", _START, "play_arrow", key=key, submitted=submitted)
    if submission is None:
        st.markdown(obstacle or "Correct the marked fields first.")
        return
    _show_error(submission)
    # On a telephone the form fills the window: the progress of the run that it started comes into view.
    started_id = None if submission.submitted is None else submission.submitted.execution_id
    scroll_here(started_id, key=f"{key}.scroll", block="start", as_loaded=False)
    if submission.submitted is not None:
        _draw_submitted(view, submission.submitted, key=key, with_progress=with_progress)
        return
    if forecast and submission.preview is None and submission.error is None:
        _load_forecast(view, submission)
    if submission.preview is not None:
        _draw_preview(view, submission.preview, details=submission.details, key=key)


def _show_error(submission: FormSubmission) -> None:
    if isinstance(submission.error, NothingToDoError):
        show_empty(f"{format_sentence(str(submission.error))}.")
    elif submission.error is not None:
        show_problem(submission.error)


def _load_forecast(view: View, submission: FormSubmission) -> None:
    """Request the preview; if there is none, show the reason as a note: the user has not asked for it."""
    _request_preview(view, submission)
    if submission.error is not None:
        st.caption(escape_message(f"No forecast: {submission.error}."))
        submission.error = None


def draw_started_run(view: View, *, key: str, with_progress: bool = True) -> None:
    """Draw the run that was last started in a dialog, and a message once."""
    place = f"{key}.started"
    begun: SubmittedDocument | None = st.session_state.get(place)
    with st.container():  # what is below stays at its place
        if begun is None:
            return
        _draw_state(view, begun, key, with_progress)
        st.button(
            "Hide",
            type="tertiary",
            icon=":material/close:",
            key=f"{key}.hide",
            on_click=lambda: st.session_state.pop(place, None),
        )


def _close_dialog(view: View, begun: SubmittedDocument, key: str) -> NoReturn:
    clear_submission(key)
    st.session_state[f"{key}.started"] = begun
    address = view.link("execution", execution=begun.execution_id)
    say(f"Run [{begun.execution_id}]({address}) is submitted.")
    rerun()


def _draw_button(label: str, action: str, icon: str, *, key: str, submitted: bool) -> None:
    """Draw a button. Its action is performed before it is drawn again, with the values that the form then has."""
    st.button(
        label,
        key=f"{key}.{action}",
        type="primary" if action == _START else "secondary",
        disabled=submitted,
        icon=f":material/{icon}:",
        help="This run is submitted: prepare another one." if submitted else None,
    )


def _request_preview(view: View, submission: FormSubmission) -> None:
    with _keep_error(submission):
        submission.preview = view.ask(preview_run, body=submission.request)


def _submit_run(view: View, submission: FormSubmission) -> None:
    if submission.submitted is None:  # otherwise it was pressed again before the page was redrawn
        with _keep_error(submission):
            submission.submitted = view.ask(
                submit_run.once(submission.idempotency_key), asked=submission.request
            )


@contextmanager
def _keep_error(submission: FormSubmission) -> Iterator[None]:
    """Store the error of the host with the request."""
    submission.error = None
    try:
        yield
    except QDashError as error:
        if isinstance(error, LoginError):
            refresh_user()
        submission.error = error


def summarize_preview(preview: PreviewDocument) -> str:
    """Return a sentence that describes a planned run, with its duration if known."""
    left_out = preview.left_out or {}
    measured = [one for one in preview.targets if one not in left_out]
    decides = any(stage.reason for stage in preview.stages)
    if decides and not preview.tasks:
        return "What is measured is only known in the run."
    if not preview.tasks or not measured:
        return "Nothing would be measured."
    known = [stage.makespan_s for stage in preview.stages if stage.makespan_s is not None]
    text = f"{format_count(len(preview.tasks), 'task')} on {format_count(len(measured), 'target')}"
    if not known:
        return f"{text}, duration unknown."
    return f"{text}, about {format_duration(sum(known))} of laboratory time."


def _draw_preview(view: View, preview: PreviewDocument, *, details: bool, key: str) -> None:
    if not details:
        st.markdown(f"Forecast: {summarize_preview(preview)}")
        return
    st.markdown(f"**{summarize_preview(preview)}** This was a dry run: nothing was queued.")
    if preview.from_source:
        st.caption(
            "Read from the text of the flow, of which nothing was run: what it decides while it runs is not in it. "
            "`qdash flow run FILE.py --dry-run` calls the function on your own machine."
        )
    left_out = {**(preview.left_out or {}), **(preview.tasks_left_out or {})}
    if left_out:
        table(
            view,
            (Column("what", "Left out"), Column("why", "Reason")),
            [{"what": what, "why": why} for what, why in left_out.items()],
            key=f"{key}.left_out",
            label="Targets and tasks that are left out",
        )
    rows = [
        {
            "step": stage.step,
            "tasks": ", ".join(stage.tasks) or None,
            "targets": ", ".join(stage.targets) or "selected by the step",
            "groups": None if stage.groups is None else len(stage.groups),
            "seconds": stage.makespan_s,
        }
        for stage in preview.stages
    ]
    table(view, _COLUMNS, rows, key=f"{key}.stages", label="Stages of the run")
    for stage in preview.stages:
        if stage.reason:
            st.caption(f"{escape_markdown(stage.step)}: {escape_markdown(stage.reason)}")


def _draw_submitted(view: View, begun: SubmittedDocument, *, key: str, with_progress: bool) -> None:
    _draw_state(view, begun, key, with_progress)
    st.button(
        "Prepare another run",
        key=f"{key}.again",
        on_click=clear_submission,
        args=(key,),
        icon=":material/replay:",
    )


@fragment
def _draw_state(view: View, begun: SubmittedDocument, key: str, with_progress: bool) -> None:
    """Draw the present state of a submitted run, and again after each of its events."""
    rerun_on_events(f"{key}.submitted", ALL_BUT_TASKS, execution_id=begun.execution_id)
    found = view.ask(execution_header, begun.execution_id)
    run = f"Run [{begun.execution_id}]({view.link('execution', execution=begun.execution_id)})"
    # The progress ends with the message.
    why = f": {escape_message(found.message)}." if found.message and not with_progress else "."
    if found.interrupted:
        st.warning(f"{run} was interrupted{why}", icon=":material/warning:")
        return
    match found.status:
        case ExecutionStatus.SCHEDULED:
            waits = f" It is waiting for {escape_markdown(begun.waits_for)}." if begun.waits_for else ""
            st.success(f"{run} is queued.{waits}", icon=":material/check_circle:")
            if begun.advice:
                st.warning(begun.advice, icon=":material/engineering:")
        case ExecutionStatus.RUNNING:
            st.info(f"{run} is running.", icon=":material/play_circle:")
        case ExecutionStatus.COMPLETED:
            st.success(f"{run} is completed.", icon=":material/check_circle:")
        case ExecutionStatus.FAILED:
            st.error(f"{run} has failed{why}", icon=":material/error:")
        case ExecutionStatus.CANCELLED:
            st.warning(f"{run} was cancelled{why}", icon=":material/cancel:")
    if with_progress:
        cancels = view.edits and not found.status.terminal
        if progress(view, begun.execution_id, cancel=cancels):
            ask_to_cancel(view, begun.execution_id)
