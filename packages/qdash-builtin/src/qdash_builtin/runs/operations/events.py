"""Operations of events, live and recorded."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.request_parts.given_time import GivenTime
from qdash_builtin.runs.feature import EVENTS
from qdash_core.documents.events import ChipFilter, EventDocument, ExecutionFilter, Kinds
from qdash_core.documents.pages import PageOf
from qdash_core.operations.call import Call
from qdash_core.operations.command import Command
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole
from qdash_core.record.events import EventFilter

operations = Operations("events", place=520)


@operations.get(
    "/events/recorded",
    needs=RequiredRole.VIEWER,
    command=Command(
        "event list",
        help="List the recorded events that are still kept, newest first.",
        noun="events",
        empty="no events are recorded",
        limit=50,
    ),
)
def recorded_events(
    call: Call,
    chip_id: ChipFilter = None,
    execution_id: ExecutionFilter = None,
    kind: Kinds = None,
    since: Annotated[GivenTime | None, Field(description="Time of the oldest event.")] = None,
    until: Annotated[GivenTime | None, Field(description="Only events before this time.")] = None,
) -> PageOf[EventDocument]:
    """List the recorded events that are still kept, newest first; a page may have fewer than `limit`."""
    event_filter = EventFilter.create(
        chip_id=chip_id, execution_id=execution_id, kinds=kind or (), since=since, until=until
    )
    return PageOf[EventDocument].from_page(
        call.qdash.get(EVENTS).page(call.access, call.page, event_filter), EventDocument.from_record
    )
