"""Form that starts a cool-down, or records a past one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.chips.operations.chips import list_chips
from qdash_builtin.cooldowns.model import CryostatStatus
from qdash_builtin.cooldowns.operations.cooldowns import create_cooldown
from qdash_builtin.cooldowns.operations.cryostats import list_cryostats
from qdash_builtin.cooldowns.requests import CooldownRequest
from qdash_ui_streamlit.display.fragments import dialog
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.forms.confirm_action import draw_dialog_buttons
from qdash_ui_streamlit.forms.time_params import EARLIEST, LATEST

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_ui_streamlit.view import View

_KEY = "cooldown.new"


@dialog("Start a cool-down", width="large")
def show_new_cooldown(view: View) -> None:
    """Draw the form."""
    cryostats = list(view.every(list_cryostats))
    if not cryostats:
        show_empty("No cryostat is registered.", "Register one first.")
        return
    order = sorted(cryostats, key=lambda one: one.status is not CryostatStatus.ACTIVE)
    chips = {one.chip_id: one.current_cooldown_id for one in view.every(list_chips)}
    with st.container(horizontal=True):
        cooldown_id = st.text_input("Cool-down", key=f"{_KEY}.id", placeholder="2026-001", help="Its id")
        cryo_id = st.selectbox("Cryostat", [one.cryo_id for one in order], key=f"{_KEY}.cryostat")
    chosen = st.multiselect("Chips", list(chips), key=f"{_KEY}.chips")
    description = st.text_input("Description", key=f"{_KEY}.description")
    with st.container(horizontal=True):
        started_at = draw_time(view, "Start", f"{_KEY}.started_at", empty="Empty: now.")
        ended_at = draw_time(view, "End", f"{_KEY}.ended_at", empty="Empty: in progress.")
    for chip_id in chosen:
        if ended_at is None and chips[chip_id]:
            st.warning(f"Chip {chip_id} is in cool-down {chips[chip_id]}: end that one first.")

    def act() -> None:
        body = CooldownRequest(
            cooldown_id=cooldown_id.strip(),
            cryo_id=cryo_id,
            description=description,
            started_at=started_at,
            ended_at=ended_at,
            chip_ids=chosen,
        )
        view.ask(create_cooldown, body=body)

    draw_dialog_buttons(
        "Start" if ended_at is None else "Record",
        act,
        "Cool-down started." if ended_at is None else "Cool-down recorded.",
        key=f"{_KEY}.go",
        problem="" if cooldown_id.strip() else "Enter the id of the cool-down.",
    )


def draw_time(view: View, label: str, key: str, *, empty: str) -> datetime | None:
    """Draw the input of a time in the time zone of the user, and return the time, or None if it is empty."""
    text = f"{empty} Time zone: {view.zone.key}"
    given: datetime | None = st.datetime_input(
        label, None, EARLIEST, LATEST, key=key, step=60, help=text, width=240
    )
    return None if given is None else given.replace(tzinfo=view.zone)
