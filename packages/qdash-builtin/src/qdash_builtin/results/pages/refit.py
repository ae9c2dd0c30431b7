"""Refit of a result: analysis options, both analyses side by side, and a button that records the new one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.results.operations.results import preview_refit, refit_result
from qdash_builtin.results.pages.result_comparison import (
    format_quantity,
    list_fit_facts,
    make_output_columns,
    make_output_row,
)
from qdash_builtin.results.pages.result_figures import draw_figure, draw_plotly, name_figure
from qdash_builtin.results.requests import RefitPreviewRequest, RefitRequest
from qdash_builtin.runs.operations.tasks import show_task
from qdash_core.errors import StaleError
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.notices import show_empty, show_errors
from qdash_ui_streamlit.display.quantities import format_unit
from qdash_ui_streamlit.display.reruns import rerun

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


@fragment
def draw_refit(view: View, result: RecordedResult) -> None:
    """Draw the form of a refit; only editors can record it. One request when it is opened, one for each preview.

    Parameters
    ----------
    view : View
        View of the user.
    result : RecordedResult
        Result to analyse again; nothing is drawn without raw data.
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
        _draw_form(
            view, result, view.ask(show_task, result.name, backend=result.backend or None).analysis_options
        )
    if (preview := st.session_state.get(f"{place}.preview")) is not None:
        with show_errors():
            _draw_preview(view, result, preview)
    if (recorded := st.session_state.get(f"{place}.recorded")) is not None:
        link = view.link("result", result=recorded)
        st.success(f"Recorded: [open the refit]({link}).", icon=":material/check:")


def _draw_form(view: View, result: RecordedResult, declared: Mapping[str, RunParameterDocument]) -> None:
    place = f"refit.{result.task_id}"
    with st.form(f"{place}.form"):
        if not declared:
            st.caption(
                "The analysis of this task has no options: a refit repeats it with the installed version."
            )
        typed = {
            name: _draw_field(place, name, one, get_recorded_option(result, name, one))
            for name, one in declared.items()
        }
        if not st.form_submit_button("Preview refit", type="primary"):
            return
    options = make_options(typed)
    st.session_state.pop(f"{place}.recorded", None)
    st.session_state.pop(f"{place}.preview", None)
    st.session_state[f"{place}.options"] = options
    st.session_state[f"{place}.preview"] = view.ask(
        preview_refit, result.task_id, body=RefitPreviewRequest(options=options, figure=True)
    )


def _draw_field(place: str, name: str, declared: RunParameterDocument, recorded: str) -> str:
    key, help_text = f"{place}.{name}", declared.description or None
    choices = (
        ["true", "false"] if declared.value_type == "bool" else [str(one) for one in declared.choices or ()]
    )
    label = f"{name} (in {format_unit(declared.unit)})" if declared.unit else name
    if choices:
        return st.selectbox(label, choices, choices.index(recorded), key=key, help=help_text)
    default = "all points" if declared.value is None else str(declared.value)
    return st.text_input(label, recorded, key=key, help=help_text, placeholder=default)


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


def _draw_preview(view: View, result: RecordedResult, preview: RefitPreviewDocument) -> None:
    place = f"refit.{result.task_id}"
    left, right = st.columns(2)
    with left:
        st.markdown("**Original**")
        draw_figure(view, result, key=f"{place}.original")
    with right:
        st.markdown("**Refit**, not recorded")
        if preview.figure is None:
            show_empty("The task draws no figure of these data.")
        else:
            label = f"Refit: {name_figure(result.name, result.qid)}"
            draw_plotly(preview.figure, key=f"{place}.figure", label=label)
    for reason in [*preview.refit.reasons, *([preview.refit.message] if preview.refit.message else [])]:
        st.caption(reason)
    rows = [*map(make_output_row, preview.outputs), *list_fit_facts(preview.original, preview.refit)]
    table(view, _COMPARED, rows, key=f"{place}.compared", label="Both analyses", filtered=False)
    if preview.n_points:
        st.caption(f"Fitted points: {preview.n_fitted} of {preview.n_points}.")
    for remark in preview.remarks:
        st.caption(f"{remark}.")
    table(
        view,
        _CHANGES,
        list_changes(preview),
        key=f"{place}.changes",
        label="Values of the chip that would change",
        empty="No value of the chip would change.",
        filtered=False,
    )
    if preview.unused:
        st.caption(f"{preview.unused[:1].upper()}{preview.unused[1:]}.")
    if view.edits and st.button("Record refit", type="primary", key=f"{place}.record"):
        _record(view, result, preview)


def _record(view: View, result: RecordedResult, preview: RefitPreviewDocument) -> None:
    place = f"refit.{result.task_id}"
    options = st.session_state[f"{place}.options"]
    try:
        made = view.ask(refit_result, result.task_id, body=RefitRequest(options=options, basis=preview.basis))
    except StaleError as stale:
        st.session_state.pop(f"{place}.preview")
        raise StaleError(
            "the refit or the values of the chip have changed since this preview: preview the refit again"
        ) from stale
    st.session_state.pop(f"{place}.preview")
    st.session_state[f"{place}.recorded"] = made.task_id
    rerun(scope="fragment")


def list_changes(preview: RefitPreviewDocument) -> list[dict[str, str]]:
    """Return the values of the chip that a refit would change, as table rows."""
    return [
        {
            "name": one.parameter,
            "before": format_quantity(one.before),
            "after": format_quantity(one.after),
        }
        for one in preview.changes
    ]
