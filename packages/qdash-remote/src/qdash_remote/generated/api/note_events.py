"""Operations with the tag `note_events`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from qdash_remote.generated.operation import PageOf, operation, page_of, quote_segment, send_request
from qdash_remote.generated.types import UNSET, Response, Unset

if TYPE_CHECKING:
    import datetime

    from qdash_core.documents.notes import NoteDocument, NoteEventDocument, TimelineNoteDocument
    from qdash_remote.generated.client import AuthenticatedClient

NoteScope = Literal[
    "chip", "cooldown", "coupling", "coupling_metric", "cryostat", "qubit", "qubit_metric", "task_result"
]


@operation
def note_events_of_chip(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOf[NoteEventDocument]]:
    """List the edits of notes on a chip and its parts, newest first; the chip may be deleted."""
    from qdash_core.documents.notes import NoteEventDocument

    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/note-events",
        page_of(NoteEventDocument),
        params={"since": since, "until": until, "limit": limit, "after": after},
    )


@operation
def note_timeline(
    *,
    client: AuthenticatedClient,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    q: str | Unset = UNSET,
    chip_id: str | Unset = UNSET,
    scope: list[NoteScope] | Unset = UNSET,
    target_id: str | Unset = UNSET,
    actor: str | Unset = UNSET,
    current: bool | Unset = False,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOf[TimelineNoteDocument]]:
    """List the edits of notes in the project, newest first; a page may have fewer than `limit`."""
    from qdash_core.documents.notes import TimelineNoteDocument

    return send_request(
        client,
        "GET",
        "/note-events",
        page_of(TimelineNoteDocument),
        params={
            "since": since,
            "until": until,
            "q": q,
            "chip_id": chip_id,
            "scope": scope,
            "target_id": target_id,
            "actor": actor,
            "current": current,
            "limit": limit,
            "after": after,
        },
    )


@operation
def note_events_of_target(
    *,
    client: AuthenticatedClient,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    scope: NoteScope,
    target_id: str,
    chip_id: str | Unset = UNSET,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOf[NoteEventDocument]]:
    """List the edits of the notes on one object, newest first."""
    from qdash_core.documents.notes import NoteEventDocument

    return send_request(
        client,
        "GET",
        "/note-events/by-target",
        page_of(NoteEventDocument),
        params={
            "since": since,
            "until": until,
            "scope": scope,
            "target_id": target_id,
            "chip_id": chip_id,
            "limit": limit,
            "after": after,
        },
    )


@operation
def search_note_events(
    *,
    client: AuthenticatedClient,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
    q: str,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
) -> Response[PageOf[NoteEventDocument]]:
    """List the edits of notes in the project whose text contains these words, newest first."""
    from qdash_core.documents.notes import NoteEventDocument

    return send_request(
        client,
        "GET",
        "/note-events/search",
        page_of(NoteEventDocument),
        params={"since": since, "until": until, "q": q, "limit": limit, "after": after},
    )


@operation
def show_note_event(seq: int, *, client: AuthenticatedClient) -> Response[NoteEventDocument]:
    """Show one edit of a note."""
    from qdash_core.documents.notes import NoteEventDocument

    return send_request(client, "GET", f"/note-events/{quote_segment(seq)}", NoteEventDocument)


@operation
def restore_note(seq: int, *, client: AuthenticatedClient) -> Response[NoteDocument]:
    """Restore a note to its text after an edit."""
    from qdash_core.documents.notes import NoteDocument

    return send_request(client, "POST", f"/note-events/{quote_segment(seq)}/restore", NoteDocument)
