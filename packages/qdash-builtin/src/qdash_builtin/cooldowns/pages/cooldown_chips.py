"""Chips of a cool-down: their records, and the forms that load and remove a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.cooldowns.operations.cooldowns import assign_chip, unassign_chip
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.reruns import rerun
from qdash_ui_streamlit.forms.confirm_action import confirm_action, perform_action
from qdash_ui_streamlit.forms.option_lists import load_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.cooldowns.views import CooldownChipDocument, CooldownDocument
    from qdash_ui_streamlit.view import View

_COLUMNS = (
    Column("chip_id", "Chip", link="href"),
    Column("n_executions", "Executions", "number", link="executions_href", help="Opens them"),
    Column("n_results", "Results", "number", link="results_href", help="Opens them"),
    Column("notes", "Notes", link="notes_href", help="Notes that apply in this cool-down"),
    Column("previous_id", "Cool-down before", link="previous_href"),
    Column("next_id", "Cool-down after", link="next_href"),
)


def draw_cooldown_chips(
    view: View, cooldown: CooldownDocument, chips: Sequence[CooldownChipDocument]
) -> None:
    """Draw the chips of a cool-down, and the forms for editors."""
    table(
        view,
        _COLUMNS,
        [make_row(view, cooldown.cooldown_id, one) for one in chips],
        key="cooldown.chips",
        label="Chips",
        filtered=False,
        empty="No chip is in this cool-down.",
    )
    if view.edits:
        _draw_forms(view, cooldown)


def make_row(view: View, cooldown_id: str, one: CooldownChipDocument) -> dict[str, Any]:
    """Return a chip of a cool-down as a table row."""
    mine = {"chip": one.chip_id, "cooldown": cooldown_id}
    row: dict[str, Any] = {
        **one.model_dump(),
        "href": view.link("chip", chip=one.chip_id),
        "executions_href": view.link("executions", **mine),
        "results_href": view.link("executions", view="results", **mine),
        "notes": "notes",
        "notes_href": view.link("chip", view="notes", **mine),
    }
    for name in ("previous", "next"):
        if (other := row[f"{name}_id"]) is not None:
            row[f"{name}_href"] = view.link("cooldown", cooldown=other, chip=one.chip_id)
    return row


def _draw_forms(view: View, cooldown: CooldownDocument) -> None:
    """Draw the choices of a chip to load and of a chip to remove."""
    chips = load_options("chips", view.list_chip_ids)
    others = [one for one in chips if one not in cooldown.chip_ids]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if others:
            added = st.selectbox(
                "Load a chip", others, index=None, placeholder="chip", key="cooldown.add", width=240
            )
            if st.button("Load", key="cooldown.add.go", disabled=added is None) and added is not None:
                _load(view, cooldown.cooldown_id, added)
        if cooldown.chip_ids:
            removed = st.selectbox(
                "Remove a chip",
                cooldown.chip_ids,
                index=None,
                placeholder="chip",
                key="cooldown.remove",
                width=240,
            )
            pressed = st.button("Remove …", key="cooldown.remove.go", disabled=removed is None)
            if pressed and removed is not None:
                ask_to_remove(view, (cooldown.cooldown_id, removed))


def _load(view: View, cooldown_id: str, chip_id: str) -> None:
    if perform_action(
        lambda: view.ask(assign_chip, cooldown_id, chip_id), escape_markdown(f"Chip {chip_id} loaded.")
    ):
        rerun()


def ask_to_remove(view: View, about: tuple[str, str]) -> None:
    """Ask for confirmation, and remove a chip from a cool-down, given as ids of both."""
    cooldown_id, chip_id = about
    confirm_action(
        escape_markdown(f"Remove chip {chip_id}?"),
        escape_markdown(
            f"The chip is no longer listed in cool-down {cooldown_id}, as if it had never been loaded. "
            "Its existing records keep the id. To take all chips out at the end, end the cool-down instead."
        ),
        label="Remove",
        act=lambda: view.ask(unassign_chip, cooldown_id, chip_id),
        success=escape_markdown(f"Chip {chip_id} removed."),
        back_label="Keep it",
    )
