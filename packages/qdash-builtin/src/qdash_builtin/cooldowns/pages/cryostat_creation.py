"""Form that registers a cryostat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.cooldowns.operations.cryostats import CryostatRequest, create_cryostat
from qdash_ui_streamlit.display.fragments import dialog
from qdash_ui_streamlit.forms.confirm_action import draw_dialog_buttons

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View

_FIELDS = ("name", "manufacturer", "model", "location")


@dialog("Register a cryostat")
def show_new_cryostat(view: View) -> None:
    """Draw the form."""
    cryo_id = st.text_input("Cryostat", key="cryostat.new.id", placeholder="K-101", help="Its id").strip()
    texts = [
        st.text_input(field.capitalize(), key=f"cryostat.new.{field.capitalize()}").strip()
        for field in _FIELDS
    ]

    def register() -> None:
        fields = {"cryo_id": cryo_id, **dict(zip(_FIELDS, texts, strict=True))}
        view.ask(create_cryostat, body=CryostatRequest(**fields))

    draw_dialog_buttons(
        "Register",
        register,
        "Cryostat registered.",
        key="cryostat.new.go",
        problem="" if cryo_id else "Enter the id of the cryostat.",
    )
