"""Refit of a result with other run parameters, and comparison with the original."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_client.generated.api.results import refit_result
from qdash_client.generated.api.tasks import show_task
from qdash_client.generated.models.refit_request import RefitRequest
from qdash_client.generated.models.refit_request_parameters import RefitRequestParameters
from qdash_core.errors import InvalidInputError
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.notices import show_errors
from qdash_ui_streamlit.display.quantities import format_value
from qdash_ui_streamlit.display.verdicts import draw_verdict
from qdash_ui_streamlit.forms.run_validation import describe_allowed_values, parse_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.documents.results import RecordedResult
    from qdash_core.documents.tasks import RunParameterDocument
    from qdash_ui_streamlit.view import View

_COMPARED = (
    Column("name", "Parameter"),
    Column("before", "Before"),
    Column("after", "After"),
    Column("change", "Change"),
)


@fragment
def draw_refit(view: View, result: RecordedResult) -> None:
    """Draw the form of a refit if the user may edit. One request when the form is opened.

    Parameters
    ----------
    view : View
        View of the user.
    result : RecordedResult
        Result to analyse again; nothing is drawn without raw data.
    """
    if not (view.edits and result.raw_data_path):
        return
    place = f"refit.{result.task_id}"
    wanted = st.toggle(
        "Refit", key=f"{place}.open", help="Repeat the analysis of the raw data; the refit is a new result"
    )
    outcome = st.container()
    if wanted:
        with show_errors():
            query = {"backend": result.backend} if result.backend else {}
            _draw_form(view, result, view.ask(show_task, result.name, **query).run_parameters)
    if (made := st.session_state.get(place)) is not None:
        with outcome:
            _draw_outcome(view, result, made)


def _draw_form(view: View, result: RecordedResult, declared: Mapping[str, RunParameterDocument]) -> None:
    place = f"refit.{result.task_id}"
    with st.form(f"{place}.form"):
        st.caption("Run parameters of the analysis. Unchanged fields keep their recorded values.")
        typed = {
            name: _draw_field(place, name, one, format_recorded_parameter(result, name))
            for name, one in declared.items()
        }
        st.caption(
            "Accepted values are saved to the chip, unless it has newer ones or the result is a trial."
        )
        if not st.form_submit_button("Run refit", type="primary"):
            return
    given, refused = validate_parameters(
        declared, typed, {name: format_recorded_parameter(result, name) for name in declared}
    )
    for complaint in refused:
        st.error(complaint, icon=":material/error:")
    if refused:
        return
    parameters = RefitRequestParameters()
    parameters.additional_properties = given
    st.session_state[place] = view.ask(refit_result, result.task_id, body=RefitRequest(parameters))


def _draw_field(place: str, name: str, declared: RunParameterDocument, recorded: str) -> str:
    key = f"{place}.{name}"
    choices = (
        ["true", "false"]
        if declared.value_type == "bool"
        else [format_parameter(one) for one in declared.choices or ()]
    )
    if choices:
        options = list(dict.fromkeys([recorded, *choices]))
        return st.selectbox(name, options, key=key, help=declared.description)
    label = f"{name} ({describe_allowed_values(declared)})"
    return st.text_input(
        label, recorded, key=key, help=declared.description or None, placeholder="chosen by the task"
    )


def format_recorded_parameter(result: RecordedResult, name: str) -> str:
    """Return a recorded run parameter as text for editing; empty if the task chose it."""
    model = result.run_parameters.get(name)
    return "" if model is None else format_parameter(model.value)


def format_parameter(value: Any) -> str:
    """Return the value of a run parameter as text that is parsed to the same value."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value)


def validate_parameters(
    declared: Mapping[str, RunParameterDocument], typed: Mapping[str, str], recorded: Mapping[str, str]
) -> tuple[dict[str, Any], list[str]]:
    """Return the changed run parameters, and the errors of invalid ones.

    Parameters
    ----------
    declared : mapping
        Declared parameters of the task, by name.
    typed, recorded : mapping of str to str
        Their current and recorded values, as text.
    """
    given: dict[str, Any] = {}
    refused = []
    for name, text in typed.items():
        if text.strip() in ("", recorded.get(name, "")):
            continue
        try:
            given[name] = parse_value(name, text.strip(), declared[name])
        except InvalidInputError as error:
            refused.append(str(error))
    return given, refused


def _draw_outcome(view: View, before: RecordedResult, after: RecordedResult) -> None:
    st.markdown("**Refit**")
    draw_verdict(view, after)
    table(
        view,
        _COMPARED,
        compare_results(before, after),
        key=f"refit.{after.task_id}.compared",
        label="Values before and after",
        filtered=False,
    )
    st.markdown(f"[Open the refit]({view.link('result', result=after.task_id)})")


def compare_results(before: RecordedResult, after: RecordedResult) -> list[dict[str, str]]:
    """Return the values of two results side by side, as table rows."""
    rows = []
    for name in dict.fromkeys([*before.output_parameters, *after.output_parameters]):
        old, new = before.output_parameters.get(name), after.output_parameters.get(name)
        row = {"name": name}
        if old is not None:
            row["before"] = format_value(old.value, old.error, old.unit)
        if new is not None:
            row["after"] = format_value(new.value, new.error, new.unit)
        if old is not None and new is not None:
            row["change"] = format_value(new.value - old.value, None, new.unit)
        rows.append(row)
    return rows
