"""View model of the text of a note of a record."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BeforeValidator

from qdash_core.documents.base import Document
from qdash_core.models.base import Note, UtcDatetime


class NoteText(Document):
    """The text of a note with its author; the content is empty after the note was cleared."""

    content: str
    updated_by: str
    updated_at: UtcDatetime

    @classmethod
    def from_note(cls, note: Note) -> Self | None:
        """Return the view model of a note, or None if none was ever written."""
        return None if note.updated_at is None else cls.from_record(note)


WrittenNote = Annotated[
    NoteText | None,
    BeforeValidator(lambda note: NoteText.from_note(note) if isinstance(note, Note) else note),
]
"""A note of a record, or None if none was ever written."""
