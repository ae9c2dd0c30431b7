"""Fields for what a flow or task can be told: one for each, with its type, range, unit and description."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_ui_streamlit.forms.filled import allowed, usual

if TYPE_CHECKING:
    from qdash_core.documents.tasks import RunParameterDocument


def value_field(name: str, declared: RunParameterDocument, *, key: str) -> Any:
    """Draw a field, and return what stands in it; None or empty: as it is if nothing is said.

    Parameters
    ----------
    name : str
        What can be told.
    declared : RunParameterDocument
        What it may be.
    key : str
        Of the form.
    """
    usually = usual(declared)
    hint = declared.description or None
    choices = declared.choices if declared.choices is not None else _TRUTHS.get(declared.value_type)
    if choices is not None:
        return st.selectbox(
            name, choices, index=None, placeholder=usually, help=hint, key=f"{key}.value.{name}"
        )
    label = f"{name} ({allowed(declared)})"
    return st.text_input(label, placeholder=usually, help=hint, key=f"{key}.value.{name}")


_TRUTHS = {"bool": [True, False]}
