"""Editor of a user's note, with conflict detection and edit history."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.attachments.file_markdown import list_files
from qdash_builtin.attachments.pages.file_links import STYLE
from qdash_builtin.notes.note_files import NotedObject
from qdash_builtin.notes.operations.note_events import note_events_of_target, restore_note
from qdash_builtin.notes.pages.note_files import (
    draw_note_files,
    format_note_text,
    load_links,
    make_note_links,
)
from qdash_builtin.notes.pages.note_period import DEFAULT_PERIOD, NotePeriod, describe_validity
from qdash_builtin.notes.requests import EditRange, NoteRequest, Period
from qdash_core.errors import QDashError, StaleError
from qdash_core.models.base import LONGEST_NOTE
from qdash_ui_streamlit.display.fragments import fragment
from qdash_ui_streamlit.display.notices import show_problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qdash_builtin.attachments.pages.file_links import FileLink
    from qdash_builtin.notes.model import NoteScope
    from qdash_builtin.notes.views import NoteDocument, NoteEventDocument
    from qdash_core.operations.operation import Operation
    from qdash_ui_streamlit.view import View

_SHOWN_EDITS = 50


@dataclass(frozen=True, slots=True)
class NoteSubject:
    """Object of a note, with the operations that read and write it.

    Parameters
    ----------
    label : str
        Name for users: `qubit 3`.
    target_id, chip_id : str
        Ids for the query of the edit history.
    period : NotePeriod
        Period of a note on a metric.
    """

    key: str
    label: str
    read: Operation[..., NoteDocument]
    write: Operation[..., NoteDocument]
    path: tuple[str, ...]
    scope: NoteScope
    target_id: str
    chip_id: str
    metric: str | None = None
    period: NotePeriod = DEFAULT_PERIOD

    @property
    def noted_object(self) -> NotedObject:
        """The object, as the files of its notes name it."""
        return NotedObject(self.scope, self.target_id, self.chip_id, self.metric or "")

    def arguments(self) -> dict[str, Period]:
        """Return the arguments of both operations behind the path."""
        return {} if self.metric is None else {"period": Period(**self.period.arguments())}


@dataclass
class NoteDraft:
    """Note that a user is editing.

    Parameters
    ----------
    version : str
        ETag of the note when it was read.
    theirs : NoteDocument or None
        Concurrent edit of another user, or None.
    number : int
        Number of concurrent edits.
    """

    version: str
    text: str
    theirs: NoteDocument | None = None
    number: int = 0


@fragment
def draw_note(view: View, subject: NoteSubject) -> None:
    """Draw a note, with an editor if the user may edit. One request, one more for the edit history."""
    place = f"note.{subject.key}"
    draft: NoteDraft | None = st.session_state.get(place)
    if (refused := st.session_state.pop(f"{place}.problem", None)) is not None:
        show_problem(refused)
    if draft is not None and view.edits:
        written = True
        _draw_editor(view, subject, draft)
    else:
        document, _ = _load_note(view, subject)
        written = bool(document.note and document.note.content)
        _show_note(view, subject, document)
    with st.container(horizontal=True, vertical_alignment="center"):
        if view.edits and draft is None:
            st.button(
                f"{'Edit' if written else 'Add'} note{'' if subject.metric is None else f' on {subject.label}'}",
                key=f"{place}.edit",
                icon=":material/edit:",
                on_click=partial(start_editing, view, subject),
            )
        edits = st.toggle("Edit history", key=f"{place}.log", help=f"Edits of the note on {subject.label}")
    if edits:
        _draw_history(view, subject)


def _load_note(view: View, subject: NoteSubject) -> tuple[NoteDocument, str]:
    return view.ask_versioned(subject.read, *subject.path, **subject.arguments())


def _show_note(view: View, subject: NoteSubject, document: NoteDocument) -> None:
    note = document.note
    valid = describe_validity(view, document)
    during = f", {escape(valid)}" if valid else ""
    if note is None or not note.content:
        cleared = f", cleared by {escape(note.updated_by)} {view.time(note.updated_at)}" if note else ""
        st.html(f"<small>No note on {escape(subject.label)}{cleared}.</small>")
        return
    links = make_note_links(view, document)
    named = list_files(note.content)
    further = "".join(one.format_name() for one in links.values() if one.name not in named)
    st.html(
        f'<blockquote style="margin:0;padding-left:0.6rem;border-left:3px solid #7b858c">{format_note_text(note.content, links)}</blockquote>'
        + (f'{STYLE}<div class="files"><small>Files:</small>{further}</div>' if further else "")
        + f"<small>{escape(note.updated_by)}, {view.time(note.updated_at)}{during}</small>"
    )


def clear_note(view: View, subject: NoteSubject) -> None:
    """Clear a note in its current version."""
    _, version = _load_note(view, subject)
    given = subject.arguments()
    view.ask(subject.write.at_version(version), *subject.path, body=NoteRequest(content=""), **given)


def start_editing(view: View, subject: NoteSubject) -> None:
    """Start editing the current version of the note."""
    document, version = _load_note(view, subject)
    content = document.note.content if document.note else ""
    st.session_state[f"note.{subject.key}"] = NoteDraft(version, content)


def _draw_editor(view: View, subject: NoteSubject, draft: NoteDraft) -> None:
    place = f"note.{subject.key}"
    if draft.theirs is not None:
        _show_conflict(view, subject, draft.theirs)
    with st.form(f"{place}.form", border=False):
        key = f"{place}.text.{draft.number}"
        st.text_area(f"Note on {subject.label}", draft.text, key=key, max_chars=LONGEST_NOTE)
        over = draft.theirs is not None
        with st.container(horizontal=True):
            st.form_submit_button(
                "Overwrite with mine" if over else "Save",
                type="primary",
                on_click=_perform_action,
                args=(subject, lambda: _save_note(view, subject, draft, st.session_state[key])),
            )
            st.form_submit_button(
                "Keep theirs" if over else "Cancel", on_click=lambda: st.session_state.pop(place, None)
            )
    noted = subject.noted_object
    draw_note_files(view, place, noted, load_links(view, noted), text_key=key)


def _show_conflict(view: View, subject: NoteSubject, theirs: NoteDocument) -> None:
    st.warning(
        f"Another user changed the note on {subject.label} while you were editing. Your text is kept below.",
        icon=":material/sync_problem:",
    )
    st.caption("Current note:")
    _show_note(view, subject, theirs)


def _save_note(view: View, subject: NoteSubject, draft: NoteDraft, text: str) -> None:
    """Save the typed text; after a concurrent edit, keep both versions for a decision."""
    place = f"note.{subject.key}"
    try:
        given = subject.arguments()
        view.ask(
            subject.write.at_version(draft.version), *subject.path, body=NoteRequest(content=text), **given
        )
    except StaleError:
        document, version = _load_note(view, subject)
        st.session_state[place] = NoteDraft(version, text, document, draft.number + 1)
    else:
        del st.session_state[place]


def _perform_action(subject: NoteSubject, act: Callable[[], None]) -> None:
    """Perform the action of a button before the note is redrawn, which shows its error."""
    try:
        act()
    except QDashError as error:
        st.session_state[f"note.{subject.key}.problem"] = error


def _draw_history(view: View, subject: NoteSubject) -> None:
    """Draw the newest edits, with buttons to restore all but the last."""
    page = view.ask(
        note_events_of_target.paged(limit=_SHOWN_EDITS),
        EditRange(),
        subject.scope,
        subject.target_id,
        chip_id=subject.chip_id or None,
    )
    events = [one for one in page.items if one.metric_key == subject.metric]
    if not events:
        st.caption("No edits yet.")
    links = (
        load_links(view, subject.noted_object) if any(list_files(one.content or "") for one in events) else {}
    )
    for place, event in enumerate(events):
        _draw_edit(view, subject, event, links, newest=place == 0)


def _draw_edit(
    view: View,
    subject: NoteSubject,
    event: NoteEventDocument,
    links: Mapping[str, FileLink],
    *,
    newest: bool,
) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        text = "cleared the note" if event.content is None else format_note_text(event.content, links)
        st.html(f"<small>{escape(event.actor)}, {view.time(event.created_at)}</small><div>{text}</div>")
        if view.edits and not newest and event.content is not None:
            st.button(
                "Restore",
                key=f"note.{subject.key}.restore.{event.seq}",
                help="Restore this version of the note",
                on_click=_perform_action,
                args=(subject, partial(_restore_note, view, subject, event.seq)),
            )


def _restore_note(view: View, subject: NoteSubject, seq: int) -> None:
    view.ask(restore_note, seq)
    st.session_state.pop(f"note.{subject.key}", None)
