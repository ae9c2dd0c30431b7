"""Form that registers a cryostat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.cooldowns.operations.cryostats import CryostatRequest, create_cryostat
from qdash_ui_streamlit.display.fragments import dialog
from qdash_ui_streamlit.forms.request_form import RequestForm

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View


@dialog("Register a cryostat")
def show_new_cryostat(view: View) -> None:
    """Draw the form."""
    RequestForm(
        view=view,
        model=CryostatRequest,
        send=lambda body: view.ask(create_cryostat, body=body),
        place="cryostat.new",
        label="Register",
        success="Cryostat registered.",
        fields=("cryo_id", "name", "manufacturer", "model", "location"),
        in_dialog=True,
    ).draw()
