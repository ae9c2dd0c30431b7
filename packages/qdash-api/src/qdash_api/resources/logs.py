"""Routes of execution logs."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from qdash_api.pages import PageOf
from qdash_api.routing.call import Call
from qdash_api.routing.path_parts import ExecutionId
from qdash_api.routing.required_role import RequiredRole
from qdash_api.routing.routes import Routes
from qdash_core.documents.executions import LogPartDocument

routes = Routes("logs")

_Since = Annotated[int, Query(ge=0, lt=2**63, description="`seq` of the log part after which to start.")]


@routes.get("/executions/{execution_id}/log", needs=RequiredRole.VIEWER, answers=PageOf[LogPartDocument])
def execution_log(call: Call, execution_id: ExecutionId, since: _Since = 0) -> PageOf[LogPartDocument]:
    """Return the log of an execution. To follow it, repeat the request with `since` set to the last `seq`."""
    resolved_id = call.qdash.executions.require_id(call.access, execution_id)
    found = call.qdash.logs.page(call.access, resolved_id, call.page, since=since)
    return PageOf[LogPartDocument].from_page(found, LogPartDocument.from_record)
