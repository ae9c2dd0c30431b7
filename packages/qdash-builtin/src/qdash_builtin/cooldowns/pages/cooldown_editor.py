"""Forms that correct, end and delete a cool-down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.cooldowns.operations.cooldowns import (
    delete_cooldown,
    edit_cooldown,
    end_cooldown,
    mark_cooldown_cold,
)
from qdash_builtin.cooldowns.requests import BaseRequest, CooldownEdit, EndRequest
from qdash_ui_streamlit.display.fragments import dialog
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.forms.confirm_action import confirm_action
from qdash_ui_streamlit.forms.request_form import RequestForm

if TYPE_CHECKING:
    from qdash_builtin.cooldowns.views import CooldownDocument
    from qdash_ui_streamlit.view import View


def draw_cooldown_editor(view: View, cooldown: CooldownDocument, version: str) -> None:
    """Draw the form of description and times; a cool-down in progress has no end yet. `version` is its ETag."""
    RequestForm(
        view=view,
        model=CooldownEdit,
        send=lambda body: view.ask(edit_cooldown.at_version(version), cooldown.cooldown_id, body=body),
        place=f"cooldown.{cooldown.cooldown_id}",
        label="Save",
        present=dict(cooldown),
        version=version,
        fields=(
            "description",
            "started_at",
            "base_at",
            *(() if cooldown.ended_at is None else ("ended_at",)),
        ),
    ).draw()


@dialog("Mark this cool-down as cold")
def mark_as_cold(view: View, cooldown: CooldownDocument, version: str) -> None:
    """Draw the choice of the time at base temperature. Parameters as of `draw_cooldown_editor`."""
    st.markdown("Timetables of its chips that start after each cool-down start then.")
    RequestForm(
        view=view,
        model=BaseRequest,
        send=lambda body: view.ask(mark_cooldown_cold.at_version(version), cooldown.cooldown_id, body=body),
        place="cooldown.base",
        label="Mark as cold",
        success="Cool-down marked as cold.",
        in_dialog=True,
    ).draw()


@dialog("End this cool-down?")
def ask_to_end(view: View, cooldown: CooldownDocument, version: str) -> None:
    """Draw the choice of the end, and end the cool-down. Parameters as of `draw_cooldown_editor`."""
    chips = ", ".join(cooldown.chip_ids)
    leaves = f"Then chips {chips} belong to no cool-down." if chips else "No chip is in it."
    st.markdown(escape_markdown(f"{leaves} New results no longer carry the id {cooldown.cooldown_id}."))
    RequestForm(
        view=view,
        model=EndRequest,
        send=lambda body: view.ask(end_cooldown.at_version(version), cooldown.cooldown_id, body=body),
        place="cooldown.end",
        label="End the cool-down",
        success="Cool-down ended.",
        in_dialog=True,
    ).draw()


def ask_to_delete(view: View, cooldown: CooldownDocument) -> None:
    """Ask for confirmation, and delete a cool-down without records."""

    def act() -> None:
        view.ask(delete_cooldown, cooldown.cooldown_id, force=True)

    confirm_action(
        escape_markdown(f"Delete cool-down {cooldown.cooldown_id}?"),
        "It, its note and the list of its chips cannot be restored. A cool-down with results or notes on metrics is not deleted.",
        label="Delete",
        act=act,
        success="Cool-down deleted.",
    )
