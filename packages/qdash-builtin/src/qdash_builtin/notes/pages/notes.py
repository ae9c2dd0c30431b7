"""Notes page: the notes of the project or of a chip, newest first, with search, filters and an editor."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_builtin.notes.model import NoteScope
from qdash_builtin.notes.operations.note_events import note_timeline, show_note_event
from qdash_builtin.notes.pages.note_editor import clear_note, draw_note, start_editing
from qdash_builtin.notes.pages.note_files import format_note_text, make_note_links
from qdash_builtin.notes.pages.note_period import SINCE, UNTIL, NotePeriod
from qdash_builtin.notes.pages.note_subjects import (
    WORDS,
    describe_period,
    describe_subject,
    make_note_subject,
    make_timeline_subject,
)
from qdash_builtin.notes.requests import TimelineFilter
from qdash_builtin.people.pages.member_options import load_members
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_ui_streamlit.components.event_kinds import ALL_BUT_TASKS
from qdash_ui_streamlit.components.event_rerun import rerun_on_events
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.lines import format_link
from qdash_ui_streamlit.display.markdown import escape_markdown
from qdash_ui_streamlit.display.notices import show_empty
from qdash_ui_streamlit.display.object_links import format_object
from qdash_ui_streamlit.display.paging import draw_paging
from qdash_ui_streamlit.display.target_lists import make_target_url
from qdash_ui_streamlit.forms import query_params
from qdash_ui_streamlit.forms.buttons import press_when_possible
from qdash_ui_streamlit.forms.confirm_action import confirm_action
from qdash_ui_streamlit.forms.more_filters import more_filters
from qdash_ui_streamlit.forms.option_lists import load_options
from qdash_ui_streamlit.forms.time_params import format_time
from qdash_ui_streamlit.forms.window import draw_window, read_window

if TYPE_CHECKING:
    from qdash_builtin.notes.pages.note_editor import NoteSubject
    from qdash_builtin.notes.views import NoteEventDocument, TimelineNoteDocument
    from qdash_ui_streamlit.view import View

PLACE = "notes"
_FILTERS = ("chip", "kind", "target", "user", "q", "since", "until", "all")
_CLEARS = ("after", "note")
_PAGE = 25
_OPEN, _NEW = "notes.open", "notes.new"
_WRITABLE = (NoteScope.CHIP, NoteScope.QUBIT, NoteScope.COUPLING, NoteScope.COOLDOWN, NoteScope.CRYOSTAT)
"""Kinds of objects on which a note is begun here; those on metrics and results are begun on their pages."""


def render(view: View) -> None:
    """Draw the page."""
    st.title("Notes")
    chips = load_options("chips", view.list_chip_ids)
    filters = _draw_filters(view, chips)
    _draw_cited_note(view)
    if view.edits:
        _draw_new_note(view, chips)
    _draw_timeline(view, filters)


def _draw_filters(view: View, chips: list[str]) -> dict[str, Any]:
    """Draw the filters, and return the query of the host."""
    members = load_members(view)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chip = query_params.draw_select(view, "chip", "Chip", chips, any_text="all chips", clears=_CLEARS)
        kind = query_params.draw_select(
            view,
            "kind",
            "On",
            [*NoteScope],
            any_text="anything",
            format_option=lambda one: WORDS.get(NoteScope(one), one) if one in [*NoteScope] else one,
            clears=_CLEARS,
            width=180,
        )
        target = query_params.draw_text_field(
            view, "target", "Qubit, coupling or id", placeholder="any", clears=_CLEARS, width=165
        )
        words = query_params.draw_text_field(view, "q", "Words", placeholder="any", clears=_CLEARS, width=200)
        draw_window(view, clears=_CLEARS)
        with more_filters(view, ("user", "all")):
            author = query_params.draw_select(view, "user", "Author", members, any_text="any", clears=_CLEARS)
            everything = query_params.draw_toggle(view, "all", "Include replaced and cleared")
    filters = {
        **read_window(view).arguments(),
        "chip_id": chip,
        "scope": [NoteScope(kind)] if kind is not None and kind in [*NoteScope] else None,
        "target_id": target,
        "actor": author,
        "q": words,
        "current": not everything,
    }
    return {name: value for name, value in filters.items() if value}


def _draw_cited_note(view: View) -> None:
    """Draw the note whose number is in the URL, also if it was replaced: citations link to it."""
    seq = view.param("note")
    if seq is None:
        return
    try:
        note = view.ask(show_note_event, int(seq))
    except (ValueError, NotFoundError, InvalidInputError):
        show_empty(f"There is no note {escape_markdown(seq)} in this project.")
        return
    with st.container(border=True, gap="small"):
        st.markdown(f"**Note {note.seq}**, as it was written")
        st.html(_format_header(view, note))
        st.html(_format_text(view, note))


@fragment
def _draw_new_note(view: View, chips: list[str]) -> None:
    """Draw the choice of an object, and the editor of the note on it."""
    with st.expander("Write a note", icon=":material/add:", expanded=_NEW in st.session_state):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            scope = st.selectbox("On", _WRITABLE, format_func=WORDS.__getitem__, key="notes.scope", width=160)
            on_chip = scope in (NoteScope.CHIP, NoteScope.QUBIT, NoteScope.COUPLING)
            shown = view.param("chip")
            chip = ""
            if on_chip:
                place = chips.index(shown) if shown in chips else 0
                chip = st.selectbox("Chip", chips, index=place, key=f"notes.chip.{shown}", width=180) or ""
            target = chip
            if scope is not NoteScope.CHIP:
                name = WORDS[scope].capitalize()
                target = st.text_input(name, key="notes.target", width=180).strip()
            ready = bool(target) and (bool(chip) or not on_chip)
            problem = "" if ready else "Name what the note is on."
            if press_when_possible("Write", problem, key="notes.write", kind="secondary"):
                subject = make_note_subject(scope, target, chip)
                start_editing(view, subject)
                st.session_state[_NEW] = subject
        chosen: NoteSubject | None = st.session_state.get(_NEW)
        if chosen is not None:
            st.html(f"<b>Note on {escape(chosen.label)}</b>")
            draw_note(view, chosen)
        else:
            st.caption(
                "Notes on metrics and results are written on the pages of qubits, couplings and results."
            )


@fragment
def _draw_timeline(view: View, filters: dict[str, Any]) -> None:
    rerun_on_events("notes.rerun", ALL_BUT_TASKS, chip_id=filters.get("chip_id"))
    page = view.ask(note_timeline.paged(limit=_PAGE, after=view.param("after")), TimelineFilter(**filters))
    if not page.items:
        if any(view.param(name) for name in (*_FILTERS, "after")):
            show_empty("No notes match the filters.", "" if not page.next else "Older ones may.")
        else:
            show_empty("There are no notes yet.", "Write one above." if view.edits else "Editors write them.")
    for note in page.items:
        _draw_entry(view, note)
    draw_paging(view, PLACE, _FILTERS, page.next, label="Pages of notes")


def _draw_entry(view: View, note: TimelineNoteDocument) -> None:
    subject = make_timeline_subject(view, note) if view.edits and note.current else None
    opened = subject is not None and st.session_state.get(_OPEN) == note.seq
    with st.container(border=True, key=f"note.{note.seq}", gap="small"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            state = "" if note.current or not note.content else "replaced or cleared"
            st.html(_format_header(view, note, state=state), width="content")
            if subject is not None and not opened:
                _draw_buttons(view, note, subject)
        if subject is not None and opened:
            draw_note(view, subject)
            return
        st.html(_format_text(view, note))


def _draw_buttons(view: View, note: TimelineNoteDocument, subject: NoteSubject) -> None:
    with st.container(horizontal=True, width="content"):
        st.button(
            "Edit",
            key=f"notes.edit.{note.seq}",
            icon=":material/edit:",
            type="tertiary",
            on_click=_open_editor,
            args=(view, note, subject),
        )
        if st.button("Clear …", key=f"notes.clear.{note.seq}", icon=":material/delete:", type="tertiary"):
            confirm_action(
                "Clear this note?",
                "The text stays in the history of the note, and can be restored from there.",
                label="Clear",
                act=partial(clear_note, view, subject),
                success="The note was cleared.",
            )


def _open_editor(view: View, note: TimelineNoteDocument, subject: NoteSubject) -> None:
    start_editing(view, subject)
    st.session_state[_OPEN] = note.seq


def _format_text(view: View, note: NoteEventDocument) -> str:
    if not note.content:
        return "<i>cleared the note</i>"
    return format_note_text(note.content, make_note_links(view, note))


def _format_header(view: View, note: NoteEventDocument, *, state: str = "") -> str:
    parts = [f"<b>{format_link(_make_address(view, note), describe_subject(view, note))}</b>"]
    if note.chip_id and note.scope is not NoteScope.CHIP:
        parts.append(f"chip {format_object(view, 'chip', note.chip_id)}")
    parts += [
        format_object(view, "user", note.actor),
        view.time(note.created_at),
        escape(describe_period(view, note)),
    ]
    parts.append(state)
    return f"<small>{' · '.join(part for part in parts if part)}</small>"


def _make_address(view: View, note: NoteEventDocument) -> str:
    """Return the URL of the noted object."""
    match note.scope:
        case NoteScope.CHIP:
            return view.link("chip", chip=note.target_id)
        case NoteScope.TASK_RESULT:
            return view.link("result", result=note.target_id)
        case NoteScope.CRYOSTAT:
            return view.link("cryostats", cryostat=note.target_id)
        case NoteScope.COOLDOWN:
            return view.link("cooldown", cooldown=note.target_id)
    if note.metric_key is None:
        return make_target_url(view, note.chip_id or "", note.target_id)
    period = NotePeriod.from_scope_key(note.extra.get("scope_key", ""))
    shown = {"metric": note.metric_key}
    if period is not None and period.since and period.until:
        shown |= {SINCE: format_time(period.since), UNTIL: format_time(period.until)}
    return make_target_url(view, note.chip_id or "", note.target_id, **shown)
