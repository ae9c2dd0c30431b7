"""Actions on timetables: create, pause, resume, start and delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.runs.pages.run_form import draw_run_form
from qdash_builtin.timetables.activities import get_activity
from qdash_builtin.timetables.operations import edit_timetable, remove_timetable, start_timetable
from qdash_builtin.timetables.pages.digest_form import draw_digest_form
from qdash_builtin.timetables.requests import TimetableEdit
from qdash_ui_streamlit.display.fragments import dialog
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_no_chip
from qdash_ui_streamlit.display.reruns import rerun
from qdash_ui_streamlit.forms.buttons import draw_toolbar
from qdash_ui_streamlit.forms.confirm_action import confirm_action, perform_action

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.timetables.views.timetables import TimetableDocument
    from qdash_ui_streamlit.view import View

_FORM = "timetables.form"
_RUN, _DIGEST = "Start a run", "Send a digest"


def draw_timetable_toolbar(view: View, chosen: Sequence[TimetableDocument]) -> None:
    """Draw the buttons for chosen timetables, and the names of these."""
    going = [one for one in chosen if not one.paused]
    paused = [one for one in chosen if one.paused]
    runs = [one for one in chosen if one.request is not None]
    none = "" if chosen else "Select or open timetables to pause, start or remove them."
    if chosen:
        st.caption(f"Chosen: {escape_markdown(', '.join(one.name for one in chosen))}")
    buttons = {
        "Pause": ("pause", none or ("" if going else "All chosen ones are paused.")),
        "Resume": ("play_arrow", none or ("" if paused else "None of the chosen ones is paused.")),
        "Start now": ("bolt", none or ("" if runs else "None of the chosen ones starts a run.")),
        "Remove": ("delete", none),
    }
    match draw_toolbar(buttons, key="timetables"):
        case "Pause":
            _set_paused(view, going, paused=True)
        case "Resume":
            _set_paused(view, paused, paused=False)
        case "Start now":
            _start_now(view, runs)
        case "Remove":
            confirm_removal(view, chosen)


def _set_paused(view: View, chosen: Sequence[TimetableDocument], *, paused: bool) -> None:
    """Pause or resume timetables one by one; after a refusal, show it and leave the rest unchanged."""

    def act() -> None:
        for one in chosen:
            view.ask(edit_timetable, one.name, body=TimetableEdit(paused=paused))

    names = ", ".join(one.name for one in chosen)
    text = f"{names}: paused." if paused else f"{names}: resumed."
    if perform_action(act, escape_markdown(text)):
        rerun()


def _start_now(view: View, chosen: Sequence[TimetableDocument]) -> None:
    def act() -> None:
        for one in chosen:
            view.ask(start_timetable, one.name)

    if perform_action(act, "Run queued."):
        rerun()


def confirm_removal(view: View, chosen: Sequence[TimetableDocument]) -> None:
    """Ask for confirmation of a deletion, with the consequences for each timetable."""
    becomes = [_describe_removal(one) for one in chosen]

    def act() -> None:
        for one in chosen:
            view.ask(remove_timetable, one.name)

    confirm_action(
        "Remove timetables?" if len(chosen) > 1 else "Remove this timetable?",
        "\n\n".join(
            map(
                escape_markdown,
                [*becomes, "Runs that were already started continue, and their records are kept."],
            )
        ),
        label="Remove",
        act=act,
        success="Removed.",
        back_label="Keep them" if len(chosen) > 1 else "Keep it",
    )


def _describe_removal(timetable: TimetableDocument) -> str:
    """Return the consequence of the removal of a timetable."""
    activity = get_activity(timetable)
    return f"{timetable.name} ({activity}) no longer {activity.does}."


@dialog("New timetable", width="large")
def show_new_timetable(view: View) -> None:
    """Draw the form of a new timetable."""
    chips = view.list_chip_ids()
    if not chips:
        show_no_chip(view)
        return
    text = view.param("chip")
    index = chips.index(text) if text in chips else 0
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chip = st.selectbox("Chip", chips, index=index, key=f"{_FORM}.chip", width=240)
        activity = st.segmented_control(
            "Activity", [_RUN, _DIGEST], default=_RUN, required=True, key=f"{_FORM}.activity"
        )
    if activity == _RUN:
        draw_run_form(view, chip, (), timetable_only=True, key=_FORM)
    else:
        draw_digest_form(view, chip, key=_FORM)
