"""Operations with the tag `note_events`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from qdash_client.generated.operation import PageOf, operation, quote_segment, send_request
from qdash_client.generated.types import UNSET, Response, Unset
from qdash_core.documents.notes import NoteDocument, NoteEventDocument

if TYPE_CHECKING:
    import datetime

    from qdash_client.generated.client import AuthenticatedClient

NoteScope = Literal[
    "chip", "cooldown", "coupling", "coupling_metric", "cryostat", "qubit", "qubit_metric", "task_result"
]
PageOfNoteEventDocument = PageOf[NoteEventDocument]


@operation
def note_events_of_chip(
    chip_id: str,
    *,
    client: AuthenticatedClient,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
) -> Response[PageOfNoteEventDocument]:
    """List the edits of notes on a chip and its parts, newest first; the chip may be deleted."""
    return send_request(
        client,
        "GET",
        f"/chips/{quote_segment(chip_id)}/note-events",
        PageOfNoteEventDocument,
        params={"limit": limit, "after": after, "since": since, "until": until},
    )


@operation
def note_events_of_target(
    *,
    client: AuthenticatedClient,
    scope: NoteScope,
    target_id: str,
    chip_id: str | Unset = UNSET,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
) -> Response[PageOfNoteEventDocument]:
    """List the edits of the notes on one object, newest first."""
    return send_request(
        client,
        "GET",
        "/note-events/by-target",
        PageOfNoteEventDocument,
        params={
            "scope": scope,
            "target_id": target_id,
            "chip_id": chip_id,
            "limit": limit,
            "after": after,
            "since": since,
            "until": until,
        },
    )


@operation
def search_note_events(
    *,
    client: AuthenticatedClient,
    q: str,
    limit: int | Unset = 50,
    after: str | Unset = UNSET,
    since: datetime.datetime | Unset = UNSET,
    until: datetime.datetime | Unset = UNSET,
) -> Response[PageOfNoteEventDocument]:
    """List the edits of notes in the project whose text contains these words, newest first."""
    return send_request(
        client,
        "GET",
        "/note-events/search",
        PageOfNoteEventDocument,
        params={"q": q, "limit": limit, "after": after, "since": since, "until": until},
    )


@operation
def show_note_event(seq: int, *, client: AuthenticatedClient) -> Response[NoteEventDocument]:
    """Show one edit of a note."""
    return send_request(client, "GET", f"/note-events/{quote_segment(seq)}", NoteEventDocument)


@operation
def restore_note(seq: int, *, client: AuthenticatedClient) -> Response[NoteDocument]:
    """Restore a note to its text after an edit."""
    return send_request(client, "POST", f"/note-events/{quote_segment(seq)}/restore", NoteDocument)
