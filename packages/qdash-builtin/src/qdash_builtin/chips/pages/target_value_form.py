"""Form that sets a value of a qubit or coupling by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

import streamlit as st

from qdash_builtin.metrics.pages.specification import get_scale
from qdash_builtin.values.operations.value_changes import set_values_of_target
from qdash_builtin.values.requests.value_changes import NewValue, ValuesRequest
from qdash_core.errors import StaleError, UnconfirmedError
from qdash_ui_streamlit.display.fragments import dialog
from qdash_ui_streamlit.display.quantities import format_unit, format_value
from qdash_ui_streamlit.forms.confirm_action import draw_dialog_buttons
from qdash_ui_streamlit.forms.typed_numbers import parse_number

if TYPE_CHECKING:
    from qdash_builtin.chips.pages.target_data import TargetData
    from qdash_ui_streamlit.view import View


_FAR = "values.set.far"
"""Key of the form whose value the host has refused as far from the one in use."""


def draw_value_editor(view: View, data: TargetData) -> None:
    """Draw the button that opens the form, if the user may edit."""
    if view.edits and st.button("Set value …", icon=":material/edit:", key="values.set"):
        target, version = view.ask_versioned(data.kind.show, data.chip.chip_id, data.target.id)
        dialog(f"Set a value of {data.kind.word} {data.target.id}")(draw_value_form)(
            view, replace(data, target=target), version=version, once=uuid4().hex
        )


def draw_value_form(view: View, data: TargetData, *, version: str, once: str) -> None:
    """Draw the form that sets a value, which is refused if the target has changed since.

    `version` is the ETag of the target, `once` the idempotency key.
    """
    names = [*dict.fromkeys([*data.values, *data.metrics])]
    shown = view.param("metric")
    name = st.selectbox(
        "Parameter",
        names,
        index=names.index(shown) if shown in names else 0,
        format_func=lambda one: get_scale(one, data.metrics.get(one)).title,
        key="values.set.parameter",
    )
    if name is None:
        return
    present = data.values.get(name)
    scale = get_scale(name, data.metrics.get(name), present.get("unit", "") if present else "")
    if present is not None:
        st.caption(f"Now {format_value(*scale.shown(present['value'], present.get('error')))}")
    label = f" ({format_unit(scale.unit)})" if scale.unit else ""
    value = st.text_input(f"Value{label}", key="values.set.value")
    error = st.text_input(f"Standard deviation{label}", key="values.set.error", help="Empty if it is unknown")
    reason = st.text_input("Reason", key="values.set.reason")
    confirmed = st.session_state.get(_FAR) == once and st.checkbox(
        "The value is right, although it is far from the one in use", key="values.set.confirmed"
    )

    def act() -> None:
        number = parse_number("value", value) / scale.factor
        deviation = parse_number("standard deviation", error) / abs(scale.factor) if error.strip() else None
        new = NewValue(value=number, error=deviation)
        body = ValuesRequest(values={name: new}, reason=reason, confirmed=confirmed)
        place = data.chip.chip_id, data.target.id
        try:
            view.ask(set_values_of_target.at_version(version).once(once), *place, body=body)
        except UnconfirmedError:
            st.session_state[_FAR] = once
            raise
        except StaleError as stale:
            raise StaleError(
                f"{data.kind.word} {data.target.id} has changed since this form was opened, by a run or a user: go back, and check "
                "its values"
            ) from stale

    problem = "" if value.strip() and reason.strip() else "Enter a value and a reason."
    draw_dialog_buttons("Set", act, "Value set", key="values.set.go", problem=problem)
