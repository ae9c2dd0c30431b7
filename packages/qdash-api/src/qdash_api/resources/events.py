"""Routes of events, live and recorded."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header, Query

from qdash_api.events.hub import Listener
from qdash_api.events.stream import EventStream
from qdash_api.pages import PageOf
from qdash_api.routing.call import Call
from qdash_api.routing.required_role import RequiredRole
from qdash_api.routing.routes import Routes
from qdash_core.documents.events import EventDocument
from qdash_core.models.base import GivenTime
from qdash_core.models.project import ProjectRole
from qdash_core.record.events import MOST_KINDS, EventFilter

routes = Routes("events")

_MOST_SEQ = 2**63 - 1
_Chip = Annotated[str | None, Query(max_length=128, description="Only events of this chip.")]
_Execution = Annotated[str | None, Query(max_length=128, description="Only events of this execution.")]
_Kinds = Annotated[
    list[Annotated[str, Query(max_length=64)]] | None,
    Query(
        max_length=MOST_KINDS, description="Only events of these kinds; `*` matches any text, as in `task.*`."
    ),
]
_AfterSeq = Annotated[
    int | None,
    Query(
        ge=0, le=_MOST_SEQ, description="Number of the event after which to start; absent: only new events."
    ),
]
_LastEventId = Annotated[
    int | None,
    Header(
        ge=0, le=_MOST_SEQ, description="Number of the last received event: the stream continues after it."
    ),
]


@routes.get("/events", needs=RequiredRole.VIEWER, media_type=EventStream.media_type)
def follow_events(
    call: Call,
    chip_id: _Chip = None,
    execution_id: _Execution = None,
    kind: _Kinds = None,
    after: _AfterSeq = None,
    last_event_id: _LastEventId = None,
) -> EventStream:
    """Stream events as server-sent events, from now on or from where the listener stopped.

    Each message has the number, the kind and the document of an event. `gap`: events are lost, so the client
    should read its data again. `end`: the caller has lost access. Comments are heartbeats.
    """
    event_filter = EventFilter.create(chip_id=chip_id, execution_id=execution_id, kinds=kind or ())
    access = call.access
    return EventStream(
        call.request.app.state.hub,
        call.qdash.events,
        Listener(access.project_id, event_filter, username=call.caller.username),
        access,
        after if last_event_id is None else last_event_id,
        refusal=lambda: call.explain_lost_access(ProjectRole.VIEWER),
    )


@routes.get("/events/recorded", needs=RequiredRole.VIEWER, answers=PageOf[EventDocument])
def recorded_events(
    call: Call,
    chip_id: _Chip = None,
    execution_id: _Execution = None,
    kind: _Kinds = None,
    since: Annotated[GivenTime | None, Query(description="Time of the oldest event.")] = None,
    until: Annotated[GivenTime | None, Query(description="Only events before this time.")] = None,
) -> PageOf[EventDocument]:
    """List the recorded events that are still kept, newest first; a page may have fewer than `limit`."""
    event_filter = EventFilter.create(
        chip_id=chip_id, execution_id=execution_id, kinds=kind or (), since=since, until=until
    )
    return PageOf[EventDocument].from_page(
        call.qdash.events.page(call.access, call.page, event_filter), EventDocument.from_record
    )
