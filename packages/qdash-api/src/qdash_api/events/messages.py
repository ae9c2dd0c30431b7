"""What is said in a stream of events: the wire form of each message (server-sent events)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from fastapi.sse import format_sse_event

from qdash_core.documents.events import EventDocument

if TYPE_CHECKING:
    from qdash_core.models.execution import EventModel

RETRY_MS = 1000
"""So long a client waits before it connects again, in ms."""
HEARTBEAT = format_sse_event(comment="heartbeat")
AWAY = format_sse_event(comment="the store is away, and is asked again")


def message_of(event: EventModel) -> bytes:
    """Return the message of an event: its number, its kind, and its document."""
    text = EventDocument.of(event).model_dump_json(exclude_none=True)
    return format_sse_event(id=str(event.seq), event=event.kind, data_str=text)


def beginning(seq: int) -> bytes:
    """Return what a stream begins with: behind which event, so that a client takes up there even if it hears none."""
    return format_sse_event(id=str(seq), retry=RETRY_MS)


def gap(after: int, seq: int) -> bytes:
    """Return that events behind `after` may be lost, and that the stream goes on behind `seq`."""
    return format_sse_event(
        id=str(seq), event="gap", data_str=json.dumps({"after": after, "goes_on_behind": seq})
    )


def end(reason: str) -> bytes:
    """Return why a stream ends for good."""
    return format_sse_event(event="end", data_str=json.dumps({"reason": reason}))


def pause() -> bytes:
    """Return that a stream ends, and that the client is to come again."""
    return format_sse_event(comment="this host ends; connect again", retry=RETRY_MS)
