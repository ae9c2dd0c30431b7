"""Form that sets a value of a qubit or coupling by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import streamlit as st

from qdash_client.generated.api.values import set_values_of_coupling, set_values_of_qubit
from qdash_client.generated.models.new_value import NewValue
from qdash_client.generated.models.values_request import ValuesRequest
from qdash_client.generated.models.values_request_values import ValuesRequestValues
from qdash_core.errors import InvalidInputError
from qdash_ui_streamlit.display.fragments import dialog
from qdash_ui_streamlit.display.quantities import format_unit
from qdash_ui_streamlit.display.specification import get_scale
from qdash_ui_streamlit.forms.confirm_action import perform_action

if TYPE_CHECKING:
    from qdash_ui_streamlit.pages.target_data import TargetData
    from qdash_ui_streamlit.view import View


def draw_value_editor(view: View, data: TargetData) -> None:
    """Draw the button that opens the form, if the user may edit."""
    if view.edits and st.button("Set value …", icon=":material/edit:", key="values.set"):
        _ask_for_value(view, data)


def _ask_for_value(view: View, data: TargetData) -> None:
    dialog(f"Set a value of {data.kind.word} {data.target.id}")(draw_value_form)(view, data, uuid4().hex)


def draw_value_form(view: View, data: TargetData, once: str) -> None:
    """Draw the form that sets a value, sent with an idempotency key."""
    names = [*dict.fromkeys([*data.values, *data.metrics])]
    name = st.selectbox(
        "Parameter",
        names,
        format_func=lambda one: get_scale(one, data.metrics.get(one)).title,
        key="values.set.parameter",
    )
    if name is None:
        return
    present = data.values.get(name)
    definition = data.metrics.get(name)
    unit = present.get("unit", "") if present else (definition.unit if definition else "")
    label = f" ({format_unit(unit)})" if unit else ""
    value = st.text_input(f"Value{label}", key="values.set.value")
    error = st.text_input(f"Standard deviation{label}", key="values.set.error", help="Empty if it is unknown")
    reason = st.text_input("Reason", key="values.set.reason")

    def act() -> None:
        new = NewValue(value=_parse_number("value", value))
        if error.strip():
            new.error = _parse_number("standard deviation", error)
        values = ValuesRequestValues()
        values[name] = new
        operation = set_values_of_qubit if data.kind.word == "qubit" else set_values_of_coupling
        view.ask(
            operation,
            data.chip.chip_id,
            data.target.id,
            body=ValuesRequest(values=values, reason=reason),
            idempotency_key=once,
        )

    ready = bool(value.strip()) and bool(reason.strip())
    if st.button(
        "Set", type="primary", width="stretch", disabled=not ready, key="values.set.go"
    ) and perform_action(act, "Value set"):
        st.rerun()
    if st.button("Go back", width="stretch"):
        st.rerun()


def _parse_number(what: str, text: str) -> float:
    try:
        return float(text.strip().replace("\N{MINUS SIGN}", "-"))
    except ValueError:
        raise InvalidInputError(f"the {what} {text!r} is not a number") from None
