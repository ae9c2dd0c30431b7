"""Operations of events, live and recorded."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.runs.events import MOST_KINDS, EventFilter
from qdash_builtin.runs.feature import EVENTS
from qdash_builtin.runs.views.events import EventDocument
from qdash_core.documents.pages import PageOf
from qdash_core.models.base import GivenTime
from qdash_core.operations.call import Call
from qdash_core.operations.command import Command
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("events", place=520)

MOST_SEQ = 2**63 - 1
ChipFilter = Annotated[str | None, Field(max_length=128, description="Only events of this chip.")]
ExecutionFilter = Annotated[str | None, Field(max_length=128, description="Only events of this execution.")]
Kinds = Annotated[
    list[Annotated[str, Field(max_length=64)]] | None,
    Field(
        max_length=MOST_KINDS, description="Only events of these kinds; `*` matches any text, as in `task.*`."
    ),
]
AfterSeq = Annotated[
    int | None,
    Field(
        ge=0, le=MOST_SEQ, description="Number of the event after which to start; absent: only new events."
    ),
]


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
