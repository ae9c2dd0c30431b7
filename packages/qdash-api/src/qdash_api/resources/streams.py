"""Operation that streams events."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header

from qdash_api.events.hub import Listener
from qdash_api.events.stream import EventStream
from qdash_api.routing.call import require_host_call
from qdash_core.documents.events import MOST_SEQ, AfterSeq, ChipFilter, ExecutionFilter, Kinds
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole
from qdash_core.record.events import EventFilter, EventService

operations = Operations("events", place=530)

_LastEventId = Annotated[
    int | None,
    Header(
        ge=0, le=MOST_SEQ, description="Number of the last received event: the stream continues after it."
    ),
]


@operations.get("/events", needs=RequiredRole.VIEWER, media_type=EventStream.media_type)
def follow_events(
    call: Call,
    chip_id: ChipFilter = None,
    execution_id: ExecutionFilter = None,
    kind: Kinds = None,
    after: AfterSeq = None,
    last_event_id: _LastEventId = None,
) -> EventStream:
    """Stream events as server-sent events, from now on or from where the listener stopped.

    Each message has the number, the kind and the document of an event. `gap`: events are lost, so the client
    should read its data again. `end`: the caller has lost access. Comments are heartbeats.
    """
    host = require_host_call(call)
    event_filter = EventFilter.create(chip_id=chip_id, execution_id=execution_id, kinds=kind or ())
    access = call.access
    return EventStream(
        host.request.app.state.hub,
        EventService(call.qdash.store),
        Listener(access.project_id, event_filter, username=call.caller.username),
        access,
        after if last_event_id is None else last_event_id,
        refusal=host.explain_lost_access,
    )
