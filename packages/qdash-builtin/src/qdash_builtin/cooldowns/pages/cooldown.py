"""Cool-down page: facts, actions, chips, differences of values, note and issues of one cool-down."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.cooldowns.operations.cooldowns import list_cooldown_chips, show_cooldown
from qdash_builtin.cooldowns.pages.cooldown_chips import draw_cooldown_chips
from qdash_builtin.cooldowns.pages.cooldown_editor import (
    ask_to_delete,
    ask_to_end,
    draw_cooldown_editor,
    mark_as_cold,
)
from qdash_builtin.cooldowns.pages.cooldown_timeline import measure_duration
from qdash_builtin.cooldowns.pages.cooldown_values import draw_cooldown_values
from qdash_builtin.issues.pages.issue_section import draw_open_issues
from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.pages.note_editor import draw_note
from qdash_builtin.notes.pages.note_subjects import make_note_subject
from qdash_core.errors import NotFoundError
from qdash_ui_streamlit.components.event_kinds import ALL
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.display.breadcrumbs import draw_breadcrumbs
from qdash_ui_streamlit.display.facts import draw_facts
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.lines import format_link
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_empty, show_errors, show_problem
from qdash_ui_streamlit.display.statuses import format_status_html
from qdash_ui_streamlit.display.times import format_span

if TYPE_CHECKING:
    from qdash_builtin.cooldowns.views import CooldownDocument
    from qdash_ui_streamlit.view import View


def render(view: View) -> None:
    """Draw the page of the cool-down in the URL."""
    cooldown_id = view.param("cooldown")
    if cooldown_id is None:
        st.title("Cool-down")
        show_empty("No cool-down is selected.", f"Open one from [the cryostats]({view.link('cryostats')}).")
        return
    draw_breadcrumbs([("Cryostats", view.link("cryostats"))], cooldown_id, label="Path to the cool-down")
    st.title(escape_markdown(f"Cool-down {cooldown_id}"))
    _draw_cooldown(view, cooldown_id)


@fragment
def _draw_cooldown(view: View, cooldown_id: str) -> None:
    """Draw a cool-down, and redraw it after changes."""
    rerun_on_events(f"cooldown.{cooldown_id}", ALL, at_most_every_s=10.0)
    try:
        cooldown, version = view.ask_versioned(show_cooldown, cooldown_id)
    except NotFoundError as error:
        show_problem(error)
        return
    draw_facts(_list_facts(view, cooldown))
    if view.edits:
        _draw_actions(view, cooldown, version)
    chips = list(view.every(list_cooldown_chips, cooldown_id))
    st.header("Chips", anchor="chips")
    draw_cooldown_chips(view, cooldown, chips)
    if chips:
        st.header("Values", anchor="values")
        with show_errors():
            draw_cooldown_values(view, cooldown, chips)
    st.header("Note", anchor="note")
    draw_note(view, make_note_subject(NoteScope.COOLDOWN, cooldown_id, ""))
    st.header("Issues", anchor="issues")
    about = {"cooldown": cooldown_id}
    draw_open_issues(view, f"cooldown.{cooldown_id}", new=about, listed=about, chip_id=None)


def _list_facts(view: View, one: CooldownDocument) -> dict[str, str | None]:
    """Return the facts about a cool-down: HTML by name."""
    duration = format_span(measure_duration(one, view.now()))
    return {
        "Status": format_status_html("in progress" if one.ended_at is None else "ended"),
        "Cryostat": format_link(view.link("cryostats", cryostat=one.cryo_id), one.cryo_id),
        "Start": view.time(one.started_at),
        "Cold since": view.time(one.base_at) if one.base_at else None,
        "End": view.time(one.ended_at) if one.ended_at else None,
        "Duration": duration,
        "Description": escape(one.description) if one.description else None,
    }


def _draw_actions(view: View, cooldown: CooldownDocument, version: str) -> None:
    with st.container(horizontal=True):
        is_warm = cooldown.ended_at is None and cooldown.base_at is None
        if is_warm and st.button("Mark as cold …", icon=":material/ac_unit:", key="cooldown.cold"):
            mark_as_cold(view, cooldown, version)
        if cooldown.ended_at is None and st.button(
            "End …", icon=":material/stop_circle:", key="cooldown.end"
        ):
            ask_to_end(view, cooldown, version)
        if st.button("Delete …", icon=":material/delete:", key="cooldown.delete"):
            ask_to_delete(view, cooldown)
    with st.expander("Edit description and times", icon=":material/edit:"):
        draw_cooldown_editor(view, cooldown, version)
