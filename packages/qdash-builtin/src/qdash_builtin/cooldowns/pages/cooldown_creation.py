"""Form that starts a cool-down, or records a past one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.cooldowns.model import CryostatStatus
from qdash_builtin.cooldowns.operations.cooldowns import create_cooldown
from qdash_builtin.cooldowns.operations.cryostats import list_cryostats
from qdash_builtin.cooldowns.requests import CooldownRequest
from qdash_ui_streamlit.display.fragments import dialog
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.forms.option_lists import load_options
from qdash_ui_streamlit.forms.request_form import RequestForm

if TYPE_CHECKING:
    from qdash_ui_streamlit.view import View


@dialog("Start a cool-down", width="large")
def show_new_cooldown(view: View) -> None:
    """Draw the form."""
    cryostats = list(view.every(list_cryostats))
    if not cryostats:
        show_empty("No cryostat is registered.", "Register one first.")
        return
    order = sorted(cryostats, key=lambda one: one.status is not CryostatStatus.ACTIVE)
    RequestForm(
        view=view,
        model=CooldownRequest,
        send=lambda body: view.ask(create_cooldown, body=body),
        place="cooldown.new",
        label="Start",
        success="Cool-down recorded.",
        offered={
            "cryo_id": [one.cryo_id for one in order],
            "chip_ids": load_options("chips", view.list_chip_ids),
        },
        in_dialog=True,
    ).draw()
