"""Form that records a user's own analysis of the raw data of a result."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import streamlit as st

from qdash_builtin.results.operations.results import record_analysis
from qdash_builtin.results.requests import AnalysisRequest
from qdash_builtin.runs.operations.tasks import show_task
from qdash_builtin.values.requests.value_changes import NewValue
from qdash_core.errors import InvalidInputError
from qdash_ui_streamlit.display.fragments import dialog
from qdash_ui_streamlit.display.quantities import format_unit
from qdash_ui_streamlit.forms.confirm_action import draw_dialog_buttons
from qdash_ui_streamlit.forms.typed_numbers import parse_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.runs.views.results import RecordedResult
    from qdash_builtin.runs.views.tasks import OutputDocument
    from qdash_ui_streamlit.view import View


def draw_own_analysis(view: View, result: RecordedResult) -> None:
    """Draw the button that opens the form if the user may edit and the result has raw data, and a link to the recorded analysis."""
    if not view.edits or not result.raw_data_path:
        return
    if st.button("Record own analysis …", icon=":material/edit_note:", key="analysis.open"):
        outputs = view.ask(show_task, result.name, backend=result.backend or None).output_parameters
        dialog("Record your own analysis", width="large")(draw_analysis_form)(
            view, result, outputs, once=uuid4().hex
        )
    if recorded := st.session_state.get(f"analysis.{result.task_id}.recorded"):
        address = view.link("result", result=recorded)
        st.success(f"Recorded: [open the analysis]({address}).", icon=":material/check:")


def draw_analysis_form(
    view: View, result: RecordedResult, outputs: Mapping[str, OutputDocument], *, once: str
) -> None:
    """Draw the form of an analysis with the outputs of its task; `once` is the idempotency key."""
    st.caption(
        "Your estimates from the raw data of this result become a new result, which is validated as any other. "
        "The raw data and this result stay as they are."
    )
    typed = {}
    for name, one in outputs.items():
        unit = f" ({format_unit(one.unit)})" if one.unit else ""
        left, right = st.columns(2)
        value = left.text_input(f"{name}{unit}", key=f"analysis.value.{name}", help=one.description or None)
        error = right.text_input(
            f"Standard deviation of {name}{unit}",
            key=f"analysis.error.{name}",
            help="Empty if it is unknown",
        )
        typed[name] = value, error
    model = st.text_input("Model", key="analysis.model", placeholder="stretched exponential")
    note = st.text_area("Note", key="analysis.note")
    save = st.checkbox(
        "Accepted estimates may become values of the chip",
        value=True,
        key="analysis.save",
        help="By the rules of a refit. Otherwise they are recorded only",
    )

    def act() -> None:
        body = AnalysisRequest(
            parameters=make_estimates(typed), model=model.strip(), note=note.strip(), save=save
        )
        made = view.ask(record_analysis.once(once), result.task_id, body=body)
        st.session_state[f"analysis.{result.task_id}.recorded"] = made.task_id

    ready = bool(model.strip()) and any(value.strip() for value, _ in typed.values())
    problem = "" if ready else "Enter a model and an estimate."
    draw_dialog_buttons("Record", act, "Analysis recorded", key="analysis.go", problem=problem)


def make_estimates(typed: Mapping[str, tuple[str, str]]) -> dict[str, NewValue]:
    """Return the estimates of typed values with their standard deviations; an empty value is none.

    Raises
    ------
    InvalidInputError
        If a text is not a number, or a standard deviation has no value.
    """
    found = {}
    for name, (value, error) in typed.items():
        if not value.strip():
            if error.strip():
                raise InvalidInputError(f"the standard deviation of {name} has no value: enter both")
            continue
        deviation = parse_number(f"standard deviation of {name}", error) if error.strip() else None
        found[name] = NewValue(value=parse_number(name, value), error=deviation)
    return found
