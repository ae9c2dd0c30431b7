"""Timeline of the notes of a project: all edits, or only those that are the present text of their note."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from qdash_builtin.notes.metric_notes import get_edited_note
from qdash_builtin.notes.note_places import NotePlace, PlacedNote, get_document
from qdash_builtin.notes.repository import NoteEventRepository
from qdash_builtin.notes.scopes import ALWAYS, check_range
from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.pages import Page
from qdash_core.repositories.documents import search_terms
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.store import OneOf, Range, Words

if TYPE_CHECKING:
    from collections.abc import Collection

    from qdash_builtin.notes.model import NoteEventModel, NoteScope
    from qdash_builtin.notes.scopes import OpenRange
    from qdash_core.models.pages import PageRequest
    from qdash_core.repositories.store import Snapshot


@dataclass(frozen=True, slots=True)
class NoteFilter:
    """Filter of a timeline of notes. None and empty fields match everything.

    Parameters
    ----------
    chip_id : str or None
        Chip of the noted object, or None for any and for cryostats and cool-downs.
    target_id : str or None
        Id of the noted object; of a result, its qubit or coupling is possible as well.
    author : str or None
        User who wrote the text.
    text : str or None
        Words that the text contains, in any order and case.
    time_range : tuple of datetime or None
        Start, inclusive, and end, exclusive, of the time of the edit.
    """

    chip_id: str | None = None
    scopes: Collection[NoteScope] = ()
    target_id: str | None = None
    author: str | None = None
    text: str | None = None
    time_range: OpenRange = ALWAYS
    current: bool = False

    def make_conditions(self, project_id: str) -> dict[str, Any]:
        """Return the conditions that the store checks; InvalidInputError if the words or the range are not valid."""
        check_range(self.time_range)
        require_words(self.text)
        since, until = self.time_range
        conditions = {
            "chip_id": self.chip_id,
            "scope": OneOf(tuple(self.scopes)) if self.scopes else None,
            "content": None if self.text is None else Words(self.text),
            "created_at": None if self.time_range == ALWAYS else Range(least=since, below=until),
        }
        return {"project_id": project_id} | {
            name: value for name, value in conditions.items() if value is not None
        }

    def selects(self, event: NoteEventModel) -> bool:
        """Return whether an edit meets the conditions that the store cannot check."""
        return (self.author is None or event.actor == self.author) and (
            self.target_id is None or self.target_id in (event.target_id, event.extra.get("qid"))
        )


@dataclass(frozen=True, slots=True)
class TimelineNote:
    """Edit of a note, and whether its text is still the note."""

    event: NoteEventModel
    is_current: bool


def read_timeline(
    snapshot: Snapshot, project_id: str, request: PageRequest, wanted: NoteFilter
) -> Page[TimelineNote]:
    """Return a page of the edits of notes in a project, newest first; it may be short although it has a `next`.

    Raises
    ------
    InvalidInputError
        If the filter is not valid.
    """
    known: dict[int, bool] = {}

    def selects(event: NoteEventModel) -> bool:
        if not wanted.selects(event):
            return False
        known[event.seq] = is_current(snapshot, event)
        return known[event.seq] or not wanted.current

    events = Repositories(snapshot).of(NoteEventRepository)
    page = events.page_selected(wanted.make_conditions(project_id), request, selects)
    return Page([TimelineNote(event, known[event.seq]) for event in page.items], page.next)


def is_current(snapshot: Snapshot, event: NoteEventModel) -> bool:
    """Return whether an edit wrote the present text of a note; False if it was cleared, or its object is deleted."""
    if not event.content:
        return False
    try:
        if event.metric_key:
            note = get_edited_note(Repositories(snapshot), event).note
        else:
            place = NotePlace(event.scope, event.target_id, event.chip_id)
            note = PlacedNote.from_document(place, get_document(snapshot, event.project_id, place)).note
    except NotFoundError:
        return False
    return note.updated_at == event.created_at


def require_words(text: str | None) -> None:
    """Raise InvalidInputError if a text to search for has no word."""
    if text is not None and not search_terms(text):
        raise InvalidInputError(f"there is no word in {text!r}: search for letters or digits")
