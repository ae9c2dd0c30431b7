"""Text output of one note."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_cli.rendering.times import format_time

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from qdash_core.documents.note_texts import NoteText


def format_note(note: NoteText | None, zone: ZoneInfo) -> str:
    """Return a note in one line, with its author and time, or nothing if there is none."""
    if note is None or not note.content:
        return ""
    return f"{' '.join(note.content.split())} ({note.updated_by}, {format_time(note.updated_at, zone)})"
