"""Forms that correct, end and delete a cool-down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.cooldowns.operations.cooldowns import delete_cooldown, edit_cooldown, end_cooldown
from qdash_builtin.cooldowns.pages.cooldown_creation import draw_time
from qdash_builtin.cooldowns.requests import CooldownEdit, EndRequest
from qdash_core.errors import InvalidInputError
from qdash_ui_streamlit.display.fragments import dialog
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.forms.confirm_action import confirm_action, draw_dialog_buttons
from qdash_ui_streamlit.forms.record_form import RecordField, draw_record_form

if TYPE_CHECKING:
    from qdash_builtin.cooldowns.views import CooldownDocument
    from qdash_ui_streamlit.view import View

_FIELDS = {
    "description": RecordField("description"),
    "started_at": RecordField("start", "time"),
    "ended_at": RecordField("end", "time"),
}


def draw_cooldown_editor(view: View, cooldown: CooldownDocument, version: str) -> None:
    """Draw the form of description and times; a cool-down in progress has no end yet.

    Parameters
    ----------
    view : View
        View of the user.
    cooldown : CooldownDocument
        The cool-down.
    version : str
        Its ETag.
    """
    cooldown_id = cooldown.cooldown_id

    def save(fields: dict[str, Any]) -> None:
        if not fields:
            raise InvalidInputError("no field was changed")
        if None in fields.values():
            raise InvalidInputError("a time was removed: enter it again, or reload the page")
        view.ask(edit_cooldown.at_version(version), cooldown_id, body=CooldownEdit(**fields))

    fields = {
        name: one for name, one in _FIELDS.items() if name != "ended_at" or cooldown.ended_at is not None
    }
    draw_record_form(
        view,
        fields,
        dict(cooldown),
        place=f"cooldown.{cooldown_id}",
        version=version,
        label="Save",
        save=save,
    )


@dialog("End this cool-down?")
def ask_to_end(view: View, cooldown: CooldownDocument, version: str) -> None:
    """Draw the choice of the end, and end the cool-down. Parameters as of `draw_cooldown_editor`."""
    chips = ", ".join(cooldown.chip_ids)
    leaves = f"Then chips {chips} belong to no cool-down." if chips else "No chip is in it."
    st.markdown(escape_markdown(f"{leaves} New results no longer carry the id {cooldown.cooldown_id}."))
    ended_at = draw_time(view, "End", "cooldown.end.at", empty="Empty: now.")
    if ended_at is not None and ended_at > view.now():
        st.warning("This time is in the future.")
    draw_dialog_buttons(
        "End the cool-down",
        lambda: view.ask(
            end_cooldown.at_version(version), cooldown.cooldown_id, body=EndRequest(ended_at=ended_at)
        ),
        "Cool-down ended.",
        key="cooldown.end.go",
    )


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
