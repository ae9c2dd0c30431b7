"""A note of people on something: shown, edited against the version that was read, with the log of its edits."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from qdash_client.generated.api.note_events import note_events_of_target, restore_note
from qdash_client.generated.models.note_request import NoteRequest
from qdash_core.errors import QDashError, StaleError
from qdash_core.models.base import LONGEST_NOTE
from qdash_ui_streamlit.showing.parts import part
from qdash_ui_streamlit.showing.states import problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

    from qdash_core.documents.notes import NoteDocument, NoteEventDocument
    from qdash_core.models.note import NoteScope
    from qdash_ui_streamlit.view import View


@dataclass(frozen=True, slots=True)
class Noted:
    """What a note is on.

    Parameters
    ----------
    key : str
        Unique in the dashboard.
    called : str
        What it is, as a person names it: `qubit 3`.
    read, write : module
        Operations that show the note, and write it.
    place : tuple of str
        What both take first.
    scope : NoteScope
        On what kind of thing.
    target_id, chip_id : str
        By which the log of its edits is asked for.
    metric : str or None
        Of a note on a metric, which.
    """

    key: str
    called: str
    read: ModuleType
    write: ModuleType
    place: tuple[str, ...]
    scope: NoteScope
    target_id: str
    chip_id: str
    metric: str | None = None


@dataclass
class Draft:
    """A note that somebody is writing.

    Parameters
    ----------
    version : str
        ETag of the note when it was read.
    text : str
        What was typed.
    theirs : NoteDocument or None
        What somebody else wrote meanwhile; None: nobody did.
    number : int
        How often somebody else did.
    """

    version: str
    text: str
    theirs: NoteDocument | None = None
    number: int = 0


@part
def note_form(view: View, noted: Noted) -> None:
    """Draw a note, and, for who may edit, how it is changed. One request, one more for the log of edits.

    Parameters
    ----------
    view : View
        Who looks.
    noted : Noted
        What it is on.
    """
    place = f"note.{noted.key}"
    draft: Draft | None = st.session_state.get(place)
    if (refused := st.session_state.pop(f"{place}.problem", None)) is not None:
        problem(refused)
    if draft is not None and view.edits:
        written = True
        _editor(view, noted, draft)
    else:
        document, _ = _read(view, noted)
        written = bool(document.note and document.note.content)
        _show(view, noted, document)
    with st.container(horizontal=True, vertical_alignment="center"):
        if view.edits and draft is None:
            word = "Edit note" if written else "Add a note"
            st.button(
                word, key=f"{place}.edit", icon=":material/edit:", on_click=partial(_begin, view, noted)
            )
        edits = st.toggle("Edits", key=f"{place}.log", help=f"Who wrote what on {noted.called}, and when")
    if edits:
        _log(view, noted)


def _read(view: View, noted: Noted) -> tuple[NoteDocument, str]:
    answer = noted.read.sync_detailed(*noted.place, client=view.client)
    return answer.parsed, answer.headers.get("etag", "")


def _show(view: View, noted: Noted, document: NoteDocument) -> None:
    note = document.note
    during = f", in cool-down {escape(document.cooldown_id)}" if document.cooldown_id else ""
    if note is None or not note.content:
        cleared = f", cleared by {escape(note.updated_by)} {view.time(note.updated_at)}" if note else ""
        st.html(f"<small>No note on {escape(noted.called)}{cleared}.</small>")
        return
    st.html(
        f'<blockquote style="white-space:pre-wrap;overflow-wrap:anywhere;margin:0;padding-left:0.6rem;border-left:3px solid #7b858c">{escape(note.content)}</blockquote>'
        f"<small>{escape(note.updated_by)}, {view.time(note.updated_at)}{during}</small>"
    )


def _begin(view: View, noted: Noted) -> None:
    """Begin to write, against the note as it is now."""
    document, version = _read(view, noted)
    content = document.note.content if document.note else ""
    st.session_state[f"note.{noted.key}"] = Draft(version, content)


def _editor(view: View, noted: Noted, draft: Draft) -> None:
    place = f"note.{noted.key}"
    if draft.theirs is not None:
        _conflict(view, noted, draft.theirs)
    with st.form(f"{place}.form", border=False):
        key = f"{place}.text.{draft.number}"
        st.text_area(f"Note on {noted.called}", draft.text, key=key, max_chars=LONGEST_NOTE)
        over = draft.theirs is not None
        with st.container(horizontal=True):
            st.form_submit_button(
                "Save mine over theirs" if over else "Save",
                type="primary",
                on_click=_acting,
                args=(noted, lambda: _save(view, noted, draft, st.session_state[key])),
            )
            st.form_submit_button(
                "Keep theirs" if over else "Cancel", on_click=lambda: st.session_state.pop(place, None)
            )


def _conflict(view: View, noted: Noted, theirs: NoteDocument) -> None:
    st.warning(
        f"Somebody changed the note on {noted.called} while you wrote. What you typed is kept below.",
        icon=":material/sync_problem:",
    )
    st.caption("What it says now:")
    _show(view, noted, theirs)


def _save(view: View, noted: Noted, draft: Draft, text: str) -> None:
    """Write what was typed; where somebody else has written meanwhile, keep both to be decided on."""
    place = f"note.{noted.key}"
    try:
        view.ask(noted.write, *noted.place, body=NoteRequest(text), if_match=draft.version)
    except StaleError:
        document, version = _read(view, noted)
        st.session_state[place] = Draft(version, text, document, draft.number + 1)
    else:
        del st.session_state[place]


def _acting(noted: Noted, act: Callable[[], None]) -> None:
    """Do what a button is for, before the note is drawn anew; what goes wrong is told there."""
    try:
        act()
    except QDashError as error:
        st.session_state[f"note.{noted.key}.problem"] = error


def _log(view: View, noted: Noted) -> None:
    """Draw the newest edits, each but the last to be restored."""
    asked: Mapping[str, Any] = {"scope": noted.scope, "target_id": noted.target_id, "limit": 50}
    page = view.ask(note_events_of_target, **asked, **({"chip_id": noted.chip_id} if noted.chip_id else {}))
    events = [one for one in page.items if one.metric_key == noted.metric]
    if not events:
        st.caption("Nobody has written here.")
    for place, event in enumerate(events):
        _edit(view, noted, event, newest=place == 0)


def _edit(view: View, noted: Noted, event: NoteEventDocument, *, newest: bool) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        said = "cleared the note" if event.content is None else escape(event.content)
        st.html(
            f"<small>{escape(event.actor)}, {view.time(event.created_at)}</small>"
            f'<div style="white-space:pre-wrap;overflow-wrap:anywhere">{said}</div>'
        )
        if view.edits and not newest and event.content is not None:
            st.button(
                "Restore",
                key=f"note.{noted.key}.restore.{event.seq}",
                help="Write the note as this edit left it",
                on_click=_acting,
                args=(noted, partial(_restore, view, noted, event.seq)),
            )


def _restore(view: View, noted: Noted, seq: int) -> None:
    view.ask(restore_note, seq)
    st.session_state.pop(f"note.{noted.key}", None)
