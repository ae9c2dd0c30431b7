"""Operations of execution logs."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.record_lookup.call_ids import resolve_execution_id
from qdash_builtin.request_parts.path_parts import ExecutionId
from qdash_builtin.runs.feature import LOGS
from qdash_builtin.runs.views.executions import LogPartDocument
from qdash_core.documents.pages import PageOf
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("logs", place=450)

_Since = Annotated[int, Field(ge=0, lt=2**63, description="`seq` of the log part after which to start.")]


@operations.get(
    "/executions/{execution_id}/log",
    needs=RequiredRole.VIEWER,
    for_assistants=True,
)
def execution_log(call: Call, execution_id: ExecutionId, since: _Since = 0) -> PageOf[LogPartDocument]:
    """Return the log of an execution. To follow it, repeat the request with `since` set to the last `seq`."""
    resolved_id = resolve_execution_id(call, execution_id)
    found = call.qdash.get(LOGS).page(call.access, resolved_id, call.page, since=since)
    return PageOf[LogPartDocument].from_page(found, LogPartDocument.from_record)
