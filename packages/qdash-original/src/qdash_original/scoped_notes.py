"""Notes on chips, qubits and couplings of the original system, which has one for each cool-down or time range, with comments.

Here a chip, qubit or coupling has one note: that of the original's document, followed by the others with a heading for
each, and by their comments. Comments are also in the log of notes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_builtin.notes.model import NoteEventModel, NoteScope
from qdash_core.models.base import Note
from qdash_original.note_sections import NoteSection, format_time
from qdash_original.original_document import Omission, UnreadableError, convert_note
from qdash_original.values import coupling, qubit, shorten, text, timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from qdash_original.conversion_state import ConversionState
    from qdash_original.original_document import OriginalDocument
    from qdash_original.users_and_projects import Group


def convert_target_note(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Keep a note on a qubit or coupling for its target, and yield its comments for the log of notes."""
    is_coupling = document.require("target_type", text) == "coupling"
    target = document.require("target_id", coupling if is_coupling else qubit)
    scope = NoteScope.COUPLING if is_coupling else NoteScope.QUBIT
    yield from _keep(document, known, scope, target)


def convert_chip_note(document: OriginalDocument, known: ConversionState) -> Iterator[Group]:
    """Keep a note on a chip for the chip."""
    yield from _keep(document, known, NoteScope.CHIP, document.require("chip_id", text))


def _keep(
    document: OriginalDocument, known: ConversionState, scope: NoteScope, target: str
) -> Iterator[Group]:
    chip_id = document.require("chip_id", text)
    heading, comments = _read_heading(document), _read_comments(document)
    one = NoteSection(
        Omission(document.collection, document.id, "", f"there is no {scope} {target!r} of chip {chip_id!r}"),
        heading,
        document.read_note("note"),
        comments,
    )
    document.mark_read("scope_source")
    if one.text:
        known.scoped_notes.setdefault((document.project_id, scope, chip_id, target), []).append(one)
    for comment in comments:
        extra = {"comment": "original"} | ({"scope": heading} if heading else {})
        event = document.make_record(
            NoteEventModel,
            {},
            chip_id=chip_id,
            scope=scope,
            target_id=target,
            action="upsert",
            actor=comment.updated_by,
            content=comment.content,
            extra=extra,
            created_at=comment.updated_at,
            updated_at=comment.updated_at,
        )
        yield [("note_event", event)]


def _read_heading(document: OriginalDocument) -> str:
    kind, key = document.read("scope_type", text), document.read("scope_key", text) or ""
    cooldown_id = document.read("cooldown_id", text)
    bounds = [document.read(f"scope_{bound}_at", timestamp) for bound in ("started", "ended")]
    if kind == "global":
        return ""
    if kind == "cooldown" and cooldown_id:
        return f"Cool-down {cooldown_id}"
    return " to ".join(map(format_time, bounds)) if any(bounds) else key


def _read_comments(document: OriginalDocument) -> list[Note]:
    """Return the comments, oldest first; those that cannot be read are recorded as omitted."""
    found = []
    given = document.get_raw("comments") or []
    for place, part in enumerate(given if isinstance(given, list) else [given]):
        try:
            comment = _convert_comment(part)
        except (ValueError, UnreadableError) as error:
            document.omit(f"comments.{place}", str(error))
        else:
            found.append(comment)
    return sorted(found, key=lambda one: one.changed_at)


def _convert_comment(part: Any) -> Note:
    if not isinstance(part, dict):
        raise UnreadableError("comments", f"{shorten(part)} is not a comment")
    written = convert_note(
        {**part, "updated_by": part.get("created_by"), "updated_at": part.get("created_at")}
    )
    if written.updated_at is None:
        raise UnreadableError("created_at", "it is missing")
    return written


def append_scoped_notes(
    note: Note, known: ConversionState, place: tuple[str, NoteScope, str, str], *, written_at: datetime
) -> Note:
    """Return the note of a target, followed by its notes for cool-downs and time ranges, and their comments.

    The place is project, kind, chip and target; `written_at` is the time if none of the notes has one.
    """
    notes = known.scoped_notes.pop(place, [])
    added = [one for one in notes if one.text != note.content]
    if not added:
        return note
    parts = [note, *(part for one in added for part in (one.note, *one.comments))]
    newest = max(parts, key=lambda one: one.changed_at)
    return Note(
        content="\n\n".join(filter(None, [note.content, *(one.text for one in added)])),
        updated_by=newest.updated_by,
        updated_at=newest.updated_at or written_at,
    )


def list_unplaced(notes: Iterable[list[NoteSection]]) -> list[Omission]:
    """Return the omissions of notes whose target was not imported."""
    return [one.omission for group in notes for one in group]
