"""Services of notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.notes.feature import NOTES
from qdash_core.process.clock import utc_now

if TYPE_CHECKING:
    from qdash_builtin.attachments.service import AttachmentService
    from qdash_builtin.notes.metric_notes import MetricNoteService
    from qdash_builtin.notes.note_files import NotedObject
    from qdash_builtin.notes.service import NoteService
    from qdash_core.models.access import Access
    from qdash_core.models.facts import Fact, FactSubject
    from qdash_core.runtime.application import QDash


def open_notes(qdash: QDash) -> NoteService:
    """Open the service for notes by users."""
    from qdash_builtin.notes.service import NoteService

    return NoteService(qdash.store)


def open_metric_notes(qdash: QDash) -> MetricNoteService:
    """Open the service for notes on metrics."""
    from qdash_builtin.notes.metric_notes import MetricNoteService

    return MetricNoteService(qdash.store, metrics=qdash.judge.list_metrics)


def open_note_files(qdash: QDash) -> AttachmentService[NotedObject]:
    """Open the service for the files of notes."""
    from qdash_builtin.attachments.service import AttachmentService
    from qdash_builtin.notes.note_files import NoteFiles

    holders = NoteFiles(qdash.judge.list_metrics, utc_now)
    return AttachmentService(qdash.store, qdash.artifacts, holders, clock=utc_now)


def find_cited_note(qdash: QDash, access: Access, name: str) -> tuple[str, str] | None:
    """Return the number of a cited edit of a note, and a title."""
    if not (name.isascii() and name.isdigit()):
        return None
    event = qdash.get(NOTES).get_event(access, int(name))
    return str(event.seq), f"note by {event.actor} on {event.scope.replace('_', ' ')} {event.target_id}"


def list_facts(qdash: QDash, access: Access, subject: FactSubject) -> list[Fact]:
    """Return the facts about a subject from notes."""
    from qdash_builtin.notes.facts import list_note_facts

    return list_note_facts(qdash.get(NOTES), access, subject)
