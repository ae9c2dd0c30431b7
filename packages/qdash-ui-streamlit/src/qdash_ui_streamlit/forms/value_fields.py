"""Input fields for parameters of flows and tasks, with type, range, unit and description."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_ui_streamlit.forms.run_validation import describe_allowed_values, format_default

if TYPE_CHECKING:
    from qdash_core.documents.tasks import RunParameterDocument


def draw_value_field(name: str, declared: RunParameterDocument, *, key: str) -> Any:
    """Draw a field, and return its value; None or empty for the default.

    Parameters
    ----------
    name : str
        Name of the parameter.
    declared : RunParameterDocument
        Its declaration.
    key : str
        Key of the form.
    """
    usually = format_default(declared)
    hint = declared.description or None
    choices = declared.choices if declared.choices is not None else _BOOLEAN_CHOICES.get(declared.value_type)
    if choices is not None:
        return st.selectbox(
            name, choices, index=None, placeholder=usually, help=hint, key=f"{key}.value.{name}"
        )
    label = f"{name} ({describe_allowed_values(declared)})"
    return st.text_input(label, placeholder=usually, help=hint, key=f"{key}.value.{name}")


_BOOLEAN_CHOICES = {"bool": [True, False]}
