"""Input fields for parameters of flows and tasks, with type, range, unit and description."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.runs.pages.run_validation import describe_allowed_values, format_default

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_builtin.runs.views.tasks import RunParameterDocument


def draw_value_field(
    name: str,
    declared: RunParameterDocument,
    *,
    key: str,
    on_change: Callable[[], None] | None = None,
    disabled: bool = False,
) -> Any:
    """Draw a field, and return its value; None or empty for the default."""
    usually = format_default(declared)
    hint = declared.description or None
    shared: dict[str, Any] = {
        "placeholder": usually,
        "help": hint,
        "key": get_value_key(name, key=key),
        "on_change": on_change,
        "disabled": disabled,
    }
    choices = list_choices(declared)
    if choices is not None:
        return st.selectbox(name, choices, index=None, **shared)
    return st.text_input(f"{name} ({describe_allowed_values(declared)})", **shared)


def get_value_key(name: str, *, key: str) -> str:
    """Return the key of the field of a parameter in the state of the session."""
    return f"{key}.value.{name}"


def list_choices(declared: RunParameterDocument) -> list[Any] | None:
    """Return the valid values of a parameter, or None if they are no list."""
    return declared.choices if declared.choices is not None else _BOOLEAN_CHOICES.get(declared.value_type)


_BOOLEAN_CHOICES = {"bool": [True, False]}
