"""Messages of an event stream, in the format of server-sent events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from fastapi.sse import format_sse_event

from qdash_builtin.runs.views.events import EventDocument

if TYPE_CHECKING:
    from qdash_core.models.execution import EventModel

RETRY_MS = 1000
"""Delay before a client connects again, in ms."""
HEARTBEAT = format_sse_event(comment="heartbeat")
STORE_UNAVAILABLE = format_sse_event(comment="the store is unavailable; retrying")


def format_message(event: EventModel) -> bytes:
    """Return the message of an event: its number, its kind and its document."""
    text = EventDocument.from_record(event).model_dump_json(exclude_none=True)
    return format_sse_event(id=str(event.seq), event=event.kind, data_str=text)


def format_start(seq: int) -> bytes:
    """Return the first message of a stream, with the number after which it starts and a client resumes."""
    return format_sse_event(id=str(seq), retry=RETRY_MS)


def format_gap(after: int, seq: int) -> bytes:
    """Return the message that events after `after` may be lost; the stream continues after `seq`."""
    return format_sse_event(
        id=str(seq), event="gap", data_str=json.dumps({"after": after, "goes_on_behind": seq})
    )


def format_end(reason: str) -> bytes:
    """Return the message that ends a stream for good, with the reason."""
    return format_sse_event(event="end", data_str=json.dumps({"reason": reason}))


def format_pause() -> bytes:
    """Return the message that ends a stream for now: the client has to connect again."""
    return format_sse_event(comment="this host is shutting down; connect again", retry=RETRY_MS)
