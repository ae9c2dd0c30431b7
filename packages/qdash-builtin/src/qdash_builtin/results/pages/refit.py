"""Refit of a result: analysis options, its figure that follows them at once, and the record of the new analysis with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.metrics.pages.titles import load_titles, replace_names
from qdash_builtin.results.operations.results import preview_refit, refit_result
from qdash_builtin.results.pages.refit_figure import EXCLUDED, WINDOW, draw_refit_figure
from qdash_builtin.results.pages.result_comparison import (
    format_quantity,
    list_fit_facts,
    make_output_columns,
    make_output_row,
)
from qdash_builtin.results.requests import RefitPreviewRequest, RefitRequest
from qdash_builtin.runs.operations.tasks import show_task
from qdash_builtin.values.operations.value_changes import use_result
from qdash_builtin.values.reasons import LONGEST_REASON
from qdash_builtin.values.requests.value_changes import UseRequest
from qdash_core.errors import StaleError
from qdash_core.models.quantities import use_unit_symbols
from qdash_core.models.task import TaskStatus
from qdash_ui_streamlit.components.scroll_target import scroll_here
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.columns import make_wide_and_narrow
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.markdown import format_sentence
from qdash_ui_streamlit.display.notices import show_errors
from qdash_ui_streamlit.display.quantities import format_unit
from qdash_ui_streamlit.display.reruns import rerun, say
from qdash_ui_streamlit.display.session_cache import cache_in_session
from qdash_ui_streamlit.forms.form_fields import capitalise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.results.views.refits import RefitPreviewDocument
    from qdash_builtin.runs.views.results import RecordedResult
    from qdash_builtin.runs.views.tasks import RunParameterDocument
    from qdash_ui_streamlit.view import View

_COMPARED = make_output_columns(
    "Original", "Refit", sigmas="Difference in combined errors. Both analyses use the same data"
)
_CHANGES = (Column("name", "Value of the chip"), Column("before", "Now"), Column("after", "After recording"))


def draw_refit_button(result: RecordedResult) -> None:
    """Draw the button that opens the refit of a result, which is farther below; none without raw data."""
    if result.raw_data_path:
        st.button(
            "Refit …", icon=":material/show_chart:", key="refit.go", on_click=_open, args=(result.task_id,)
        )


def _open(task_id: str) -> None:
    st.session_state[f"refit.{task_id}.open"] = True


@fragment
def draw_refit(view: View, result: RecordedResult) -> None:
    """Draw the form and the figure of a refit if there are raw data. Two requests when it is opened, one for each
    change.

    Only editors can record it.
    """
    if not result.raw_data_path:
        return
    place = f"refit.{result.task_id}"
    wanted = st.toggle(
        "Refit", key=f"{place}.open", help="Repeat the analysis of the raw data with other analysis options"
    )
    if not wanted:
        return
    with show_errors():
        _draw_trial(view, result, place)
    if (recorded := st.session_state.get(f"{place}.recorded")) is not None:
        st.success(_describe_record(view, recorded), icon=":material/check:")


def _describe_record(view: View, task_id: str) -> str:
    return f"Recorded: [open the refit]({view.link('result', result=task_id)})."


def _draw_trial(view: View, result: RecordedResult, place: str) -> None:
    """Draw the figure of a refit with the present options beside the form, and below it what would be recorded."""
    declared = cache_in_session(
        f"{place}.declared",
        result.task_id,
        lambda: view.ask(show_task, result.name, backend=result.backend or None).analysis_options,
    )
    scroll_here("refit", key=f"{place}.scroll", block="start")
    large, small = make_wide_and_narrow("refit")
    with small:
        options = make_options(_draw_form(result, declared, place))
        with show_errors():
            trial = (options, _preview(view, result, options, place))
            st.session_state[f"{place}.trial"] = trial
    shown, preview = st.session_state.get(f"{place}.trial") or (None, None)
    if preview is None:
        return
    with large:
        draw_refit_figure(view, preview, place=place)
    if shown == options:
        with small:
            _draw_outcome(view, preview, place)
        _draw_record(view, result, preview, options, place)


def _preview(
    view: View, result: RecordedResult, options: Mapping[str, Any], place: str
) -> RefitPreviewDocument:
    """Return the refit with options, which is not recorded. One request if they have changed."""
    return cache_in_session(
        f"{place}.preview",
        repr(options),
        lambda: view.ask(
            preview_refit, result.task_id, body=RefitPreviewRequest(options=dict(options), figure=True)
        ),
    )


def _draw_form(
    result: RecordedResult, declared: Mapping[str, RunParameterDocument], place: str
) -> dict[str, str]:
    """Draw the fields of the options, and return their texts."""
    for name, one in declared.items():
        st.session_state.setdefault(f"{place}.{name}", get_recorded_option(result, name, one))
    with st.form(f"{place}.form"):
        if not declared:
            st.caption(
                "The analysis of this task has no options: a refit repeats it with the installed version."
            )
        typed = {name: _draw_field(place, name, one) for name, one in declared.items()}
        with st.container(horizontal=True):
            st.form_submit_button("Preview refit", type="primary")
            if WINDOW in declared:
                st.form_submit_button("All points", on_click=_clear_selection, args=(place,))
    return typed


def _clear_selection(place: str) -> None:
    """Empty the fields of the window and of the excluded points."""
    for name in (WINDOW, EXCLUDED):
        st.session_state[f"{place}.{name}"] = ""


def _draw_field(place: str, name: str, declared: RunParameterDocument) -> str:
    key, help_text = f"{place}.{name}", declared.description or None
    choices = (
        ["true", "false"] if declared.value_type == "bool" else [str(one) for one in declared.choices or ()]
    )
    label = capitalise(name.replace("_", " ")) + (f" ({format_unit(declared.unit)})" if declared.unit else "")
    if choices:
        return st.selectbox(label, choices, key=key, help=help_text)
    default = "all points" if declared.value is None else str(declared.value)
    return st.text_input(label, key=key, help=help_text, placeholder=default)


def get_recorded_option(result: RecordedResult, name: str, declared: RunParameterDocument) -> str:
    """Return an analysis option as text: as recorded with the result, or else its default."""
    known = result.analysis_options.get(name)
    value = declared.value if known is None else known.value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return ",".join(map(str, value))
    return "" if value is None else str(value)


def make_options(typed: Mapping[str, str]) -> dict[str, Any]:
    """Return the options of a request; an empty field restores the default."""
    return {name: text.strip() or None for name, text in typed.items()}


def _draw_outcome(view: View, preview: RefitPreviewDocument, place: str) -> None:
    """Draw the values of the refit beside those of the original."""
    st.markdown("**Preview of the refit**")
    titles = load_titles(view)
    # The message repeats the reasons.
    for reason in preview.refit.reasons or filter(None, [preview.refit.message]):
        st.caption(format_sentence(use_unit_symbols(replace_names(reason, titles))))
    rows = [
        *(make_output_row(one, titles) for one in preview.outputs),
        *list_fit_facts(preview.original, preview.refit),
    ]
    table(view, _COMPARED, rows, key=f"{place}.compared", label="Both analyses", filtered=False)
    if preview.n_points:
        st.caption(f"Fitted points: {preview.n_fitted} of {preview.n_points}.")


def _draw_record(
    view: View, result: RecordedResult, preview: RefitPreviewDocument, options: Mapping[str, Any], place: str
) -> None:
    """Draw the values of the chip that the refit would change, and the fields with which an editor records it."""
    for remark in preview.remarks:
        st.caption(f"{remark}.")
    table(
        view,
        _CHANGES,
        list_changes(preview, load_titles(view)),
        key=f"{place}.changes",
        label="Values of the chip that would change",
        empty="No value of the chip would change.",
        filtered=False,
    )
    if preview.unused:
        st.caption(f"{format_sentence(preview.unused)}.")
    if not view.edits:
        return
    with st.form(f"{place}.decision", border=False):
        reason = st.text_input("Reason for the refit", key=f"{place}.reason", max_chars=LONGEST_REASON)
        is_used = can_use_refit(result, preview) and st.checkbox(
            "Use its values all the same", key=f"{place}.use", help="As *Use these values* of a result"
        )
        wanted = st.form_submit_button("Record refit", type="primary", key=f"{place}.record")
    if wanted and not reason.strip():
        st.warning("Enter the reason for the refit.", icon=":material/edit:")
    elif wanted:
        _record(view, result, preview, options, reason.strip(), place, is_used=is_used)


def can_use_refit(result: RecordedResult, preview: RefitPreviewDocument) -> bool:
    """Return whether a decision could make values of a refit the chip's that would not become so by its record."""
    return (
        bool(preview.unused)
        and result.task_type in ("qubit", "coupling")
        and preview.refit.status is TaskStatus.COMPLETED
    )


def _record(
    view: View,
    result: RecordedResult,
    preview: RefitPreviewDocument,
    options: Mapping[str, Any],
    reason: str,
    place: str,
    *,
    is_used: bool,
) -> None:
    """Record a refit with its reason, then the decision to use its values if it is wanted."""
    body = RefitRequest(options=dict(options), basis=preview.basis, note=reason)
    try:
        made = view.ask(refit_result, result.task_id, body=body)
    except StaleError as stale:
        st.session_state.pop(f"{place}.preview")
        raise StaleError(
            "the refit or the values of the chip have changed since this preview: preview the refit again"
        ) from stale
    st.session_state.pop(f"{place}.preview")
    st.session_state[f"{place}.recorded"] = made.task_id
    if is_used:
        view.ask(use_result.once(made.task_id), made.task_id, body=UseRequest(reason=reason))
    say(_describe_record(view, made.task_id))
    rerun(scope="fragment")


def list_changes(preview: RefitPreviewDocument, titles: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the values of the chip that a refit would change, as table rows."""
    return [
        {
            "name": titles.get(one.parameter, one.parameter),
            "before": format_quantity(one.before),
            "after": format_quantity(one.after),
        }
        for one in preview.changes
    ]
