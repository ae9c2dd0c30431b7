"""Queue of runs in the order in which they start, with actions on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.runs.operations.queue import change_queue, list_queue
from qdash_builtin.runs.requests import QueueChanges
from qdash_core.models.claims import describe_resources
from qdash_ui_streamlit.components.event_kinds import ALL_BUT_TASKS
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.components.table import Column, table
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.display.reruns import rerun
from qdash_ui_streamlit.forms.buttons import draw_toolbar
from qdash_ui_streamlit.forms.confirm_action import confirm_action, perform_action

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_builtin.runs.views.queue import QueueEntryDocument
    from qdash_ui_streamlit.view import View

_COLUMNS = (
    Column("place", "Position", "number", help="Order in which runs start when their chips are free"),
    Column("execution_id", "Execution", "execution"),
    Column("name", "Flow or task"),
    Column("status", "Status", "status"),
    Column("waits_for", "Waiting for"),
    Column("username", "User", "user"),
    Column("submitted_at", "Submitted", "time"),
    Column("chip_id", "Chip", "chip"),
    Column("parts", "Needs", help="Runs that need different parts of an instrument run at once"),
)
_ACTIVE = tuple(one for one in _COLUMNS if one.name not in ("place", "waits_for"))


@fragment
def render(view: View) -> None:
    """Draw the queue."""
    rerun_on_events("queue.rerun", ALL_BUT_TASKS)
    entries = [*view.every(list_queue)]
    chip = view.param("chip")
    if not any(chip in (None, one.chip_id) for one in entries):
        start = f"[Start a run]({view.link('chip', chip=chip)}) on the chip page." if view.edits else ""
        show_empty("No run is waiting or active.", start)
        return
    performed = make_rows([one for one in entries if one.state == "running"], chip)
    if performed:
        st.header("Active")
        table(
            view,
            _ACTIVE,
            performed,
            key="queue.performed",
            label="Active runs",
            filtered=False,
        )
    _draw_waiting(view, [one for one in entries if one.state != "running"], chip)


def _draw_waiting(view: View, waiting: Sequence[QueueEntryDocument], chip: str | None) -> None:
    st.header("Waiting")
    rows = make_rows(waiting, chip)
    if not rows:
        st.write("No waiting runs.")
        return
    by = "execution_id" if view.edits else ""
    chosen = table(view, _COLUMNS, rows, key="queue.table", label="Waiting runs", chosen_by=by)
    if view.edits:
        _draw_toolbar(view, waiting, [one for one in waiting if one.execution_id in chosen])


def make_rows(entries: Sequence[QueueEntryDocument], chip: str | None) -> list[dict[str, Any]]:
    """Return queue entries as table rows, of one chip or, with None, of all."""
    return [
        {
            "place": place,
            "execution_id": one.execution_id,
            "name": f"{one.name} (resumed)" if one.resume else one.name,
            "chip_id": one.chip_id,
            "parts": describe_resources(one.resources),
            "status": one.state,
            "waits_for": one.waits_for or None,
            "submitted_at": one.submitted_at,
            "username": one.username,
        }
        for place, one in enumerate(entries, 1)
        if chip in (None, one.chip_id)
    ]


def find_previous(waiting: Sequence[QueueEntryDocument], execution_id: str) -> str | None:
    """Return the execution that starts just before another one, or None for the first one."""
    at = _find_position(waiting, execution_id)
    return waiting[at - 1].execution_id if at > 0 else None


def make_later_change(waiting: Sequence[QueueEntryDocument], execution_id: str) -> dict[str, Any] | None:
    """Return the change that moves a run one position later, or None if it is the last one."""
    at = _find_position(waiting, execution_id)
    if at + 1 >= len(waiting):
        return None
    behind = waiting[at + 2 : at + 3]
    return {"before": behind[0].execution_id} if behind else {"last": True}


def _find_position(waiting: Sequence[QueueEntryDocument], execution_id: str) -> int:
    return next(place for place, one in enumerate(waiting) if one.execution_id == execution_id)


def _draw_toolbar(
    view: View, waiting: Sequence[QueueEntryDocument], chosen: Sequence[QueueEntryDocument]
) -> None:
    one = chosen[0].execution_id if len(chosen) == 1 else None
    before = one and find_previous(waiting, one)
    after = one and make_later_change(waiting, one)
    held = [entry for entry in chosen if entry.held]
    free = [entry for entry in chosen if not entry.held]
    none = "" if chosen else "Select waiting runs to move, hold or remove them."
    several = none or ("" if one else "Select one run to move it by one place.")
    buttons = {
        "First": ("first_page", none),
        "Earlier": ("arrow_upward", several or ("" if before else "It is the first one.")),
        "Later": ("arrow_downward", several or ("" if after else "It is the last one.")),
        "Hold": ("pause", none or ("" if free else "All selected ones are held.")),
        "Release": ("play_arrow", none or ("" if held else "None of the selected ones is held.")),
        "Remove": ("delete", none),
    }
    match draw_toolbar(buttons, key="queue"):
        case "First":
            _change_entries(view, chosen, {"first": True})
        case "Earlier":
            _change_entries(view, chosen, {"before": before})
        case "Later" if after:
            _change_entries(view, chosen, after)
        case "Hold":
            _change_entries(view, free, {"held": True})
        case "Release":
            _change_entries(view, held, {"held": False})
        case "Remove":
            confirm_removal(view, chosen)


def _change_entries(view: View, entries: Sequence[QueueEntryDocument], change: Mapping[str, Any]) -> None:
    """Change queue entries at once; after a refusal, which leaves all unchanged, show it."""
    body = QueueChanges(execution_ids=[one.execution_id for one in entries], **change)
    if perform_action(lambda: view.ask(change_queue, change=body), "Queue updated."):
        rerun()


def confirm_removal(view: View, chosen: Sequence[QueueEntryDocument]) -> None:
    """Ask for confirmation of a removal from the queue, with the consequences for each run."""
    becomes = [
        f"{one.execution_id}, {one.name} on {one.chip_id}, "
        f"{'keeps its status' if one.resume else 'is cancelled before it starts'}."
        for one in chosen
    ]

    body = QueueChanges(execution_ids=[one.execution_id for one in chosen], removed=True)
    confirm_action(
        "Remove from the queue?",
        "\n\n".join(map(escape_markdown, becomes)),
        label="Remove",
        act=lambda: view.ask(change_queue, change=body),
        success="Queue updated.",
        back_label="Keep in the queue",
    )
