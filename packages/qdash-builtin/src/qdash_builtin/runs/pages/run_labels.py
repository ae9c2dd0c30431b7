"""Fields for the labels of a run: tags and value scope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.runs.pages.run_validation import SCOPE, TAGS
from qdash_builtin.values.operations.value_scopes import list_value_scopes
from qdash_core.models.value_change import ScopeStatus
from qdash_ui_streamlit.forms.option_lists import load_options

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_ui_streamlit.view import View

_MOST_SCOPES = 6
_WIDTH = 600
"""Width of a field in pixels."""


def draw_tags_field(
    *, key: str, at: dict[str, Any], on_change: Callable[[], None] | None = None, disabled: bool = False
) -> str:
    """Draw the field of the tags, and return its text; `at` gets the placeholder for errors."""
    typed = st.text_input(
        "Tags",
        key=key,
        placeholder="none",
        help="Separated by commas. Stored with the run.",
        on_change=on_change,
        disabled=disabled,
        width=_WIDTH,
    )
    at[TAGS] = st.empty()
    return typed


def draw_scope_field(
    view: View,
    chip_id: str,
    *,
    key: str,
    at: dict[str, Any],
    on_change: Callable[[], None] | None = None,
    disabled: bool = False,
) -> str:
    """Draw the field of the value scope, which suggests the open ones, and return its text. Parameters as of `draw_tags_field`."""
    typed = st.text_input(
        "Value scope",
        key=key,
        placeholder="none: accepted values become the chip's",
        help="The run reads the values of the scope before the chip's, and writes there. The chip stays as it is until the scope "
        "is committed. A new name creates a scope.",
        on_change=on_change,
        disabled=disabled,
        width=_WIDTH,
    )
    at[SCOPE] = st.empty()

    def choose(name: str) -> None:
        st.session_state[key] = name
        if on_change is not None:
            on_change()

    names = load_options(
        "value scopes",
        lambda: (
            one.name
            for one in view.every_offered(list_value_scopes, chip_id)
            if one.status is ScopeStatus.OPEN and one.name != typed
        ),
    )
    if names and not disabled:
        # A list with free text would drop a name that is typed without Enter, and the run would change the chip.
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption("Open scopes:", width="content")
            for name in names[:_MOST_SCOPES]:
                st.button(name, type="tertiary", key=f"{key}.{name}", on_click=choose, args=(name,))
    return typed
