"""Editor of a user's note, with conflict detection and edit history."""

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
from qdash_ui_streamlit.showing.fragments import part
from qdash_ui_streamlit.showing.notices import show_problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

    from qdash_core.documents.notes import NoteDocument, NoteEventDocument
    from qdash_core.models.note import NoteScope
    from qdash_ui_streamlit.view import View


@dataclass(frozen=True, slots=True)
class NoteSubject:
    """Object of a note.

    Parameters
    ----------
    key : str
        Unique key in the dashboard.
    called : str
        Name for users: `qubit 3`.
    read, write : module
        Operations that read and write the note.
    place : tuple of str
        First arguments of both.
    scope : NoteScope
        Type of the object.
    target_id, chip_id : str
        Ids for the query of the edit history.
    metric : str or None
        Metric, for a note on a metric.
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
class NoteDraft:
    """Note that a user is editing.

    Parameters
    ----------
    version : str
        ETag of the note when it was read.
    text : str
        Typed text.
    theirs : NoteDocument or None
        Concurrent edit of another user, or None.
    number : int
        Number of concurrent edits.
    """

    version: str
    text: str
    theirs: NoteDocument | None = None
    number: int = 0


@part
def note_form(view: View, noted: NoteSubject) -> None:
    """Draw a note, with an editor if the user may edit. One request, one more for the edit history.

    Parameters
    ----------
    view : View
        View of the user.
    noted : NoteSubject
        Object of the note.
    """
    place = f"note.{noted.key}"
    draft: NoteDraft | None = st.session_state.get(place)
    if (refused := st.session_state.pop(f"{place}.problem", None)) is not None:
        show_problem(refused)
    if draft is not None and view.edits:
        written = True
        _editor(view, noted, draft)
    else:
        document, _ = _read(view, noted)
        written = bool(document.note and document.note.content)
        _show(view, noted, document)
    with st.container(horizontal=True, vertical_alignment="center"):
        if view.edits and draft is None:
            word = "Edit note" if written else "Add note"
            st.button(
                word, key=f"{place}.edit", icon=":material/edit:", on_click=partial(_begin, view, noted)
            )
        edits = st.toggle("Edit history", key=f"{place}.log", help=f"Edits of the note on {noted.called}")
    if edits:
        _log(view, noted)


def _read(view: View, noted: NoteSubject) -> tuple[NoteDocument, str]:
    answer = noted.read.sync_detailed(*noted.place, client=view.client)
    return answer.parsed, answer.headers.get("etag", "")


def _show(view: View, noted: NoteSubject, document: NoteDocument) -> None:
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


def _begin(view: View, noted: NoteSubject) -> None:
    """Start editing the current version of the note."""
    document, version = _read(view, noted)
    content = document.note.content if document.note else ""
    st.session_state[f"note.{noted.key}"] = NoteDraft(version, content)


def _editor(view: View, noted: NoteSubject, draft: NoteDraft) -> None:
    place = f"note.{noted.key}"
    if draft.theirs is not None:
        _conflict(view, noted, draft.theirs)
    with st.form(f"{place}.form", border=False):
        key = f"{place}.text.{draft.number}"
        st.text_area(f"Note on {noted.called}", draft.text, key=key, max_chars=LONGEST_NOTE)
        over = draft.theirs is not None
        with st.container(horizontal=True):
            st.form_submit_button(
                "Overwrite with mine" if over else "Save",
                type="primary",
                on_click=_perform_action,
                args=(noted, lambda: _save(view, noted, draft, st.session_state[key])),
            )
            st.form_submit_button(
                "Keep theirs" if over else "Cancel", on_click=lambda: st.session_state.pop(place, None)
            )


def _conflict(view: View, noted: NoteSubject, theirs: NoteDocument) -> None:
    st.warning(
        f"Another user changed the note on {noted.called} while you were editing. Your text is kept below.",
        icon=":material/sync_problem:",
    )
    st.caption("Current note:")
    _show(view, noted, theirs)


def _save(view: View, noted: NoteSubject, draft: NoteDraft, text: str) -> None:
    """Save the typed text; after a concurrent edit, keep both versions for a decision."""
    place = f"note.{noted.key}"
    try:
        view.ask(noted.write, *noted.place, body=NoteRequest(text), if_match=draft.version)
    except StaleError:
        document, version = _read(view, noted)
        st.session_state[place] = NoteDraft(version, text, document, draft.number + 1)
    else:
        del st.session_state[place]


def _perform_action(noted: NoteSubject, act: Callable[[], None]) -> None:
    """Perform the action of a button before the note is redrawn, which shows its error."""
    try:
        act()
    except QDashError as error:
        st.session_state[f"note.{noted.key}.problem"] = error


def _log(view: View, noted: NoteSubject) -> None:
    """Draw the newest edits, with buttons to restore all but the last."""
    asked: Mapping[str, Any] = {"scope": noted.scope, "target_id": noted.target_id, "limit": 50}
    page = view.ask(note_events_of_target, **asked, **({"chip_id": noted.chip_id} if noted.chip_id else {}))
    events = [one for one in page.items if one.metric_key == noted.metric]
    if not events:
        st.caption("No edits yet.")
    for place, event in enumerate(events):
        _edit(view, noted, event, newest=place == 0)


def _edit(view: View, noted: NoteSubject, event: NoteEventDocument, *, newest: bool) -> None:
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
                help="Restore this version of the note",
                on_click=_perform_action,
                args=(noted, partial(_restore, view, noted, event.seq)),
            )


def _restore(view: View, noted: NoteSubject, seq: int) -> None:
    view.ask(restore_note, seq)
    st.session_state.pop(f"note.{noted.key}", None)
