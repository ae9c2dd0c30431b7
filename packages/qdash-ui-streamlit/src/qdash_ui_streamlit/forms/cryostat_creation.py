"""Form that registers a cryostat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_core.resources.cryostats import CryostatRequest, create_cryostat
from qdash_ui_streamlit.display.fragments import dialog
from qdash_ui_streamlit.forms.confirm_action import draw_dialog_buttons

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View

_TEXTS = ("Name", "Manufacturer", "Model", "Location")


@dialog("Register a cryostat")
def show_new_cryostat(view: View) -> None:
    """Draw the form."""
    cryo_id = st.text_input("Cryostat", key="cryostat.new.id", placeholder="K-101", help="Its id").strip()
    name, manufacturer, model, location = (
        st.text_input(label, key=f"cryostat.new.{label}").strip() for label in _TEXTS
    )

    def register() -> None:
        fields = {"name": name, "manufacturer": manufacturer, "model": model, "location": location}
        view.ask(create_cryostat, body=CryostatRequest(cryo_id=cryo_id, **fields))

    draw_dialog_buttons(
        "Register",
        register,
        "Cryostat registered.",
        key="cryostat.new.go",
        disabled=not cryo_id,
    )
