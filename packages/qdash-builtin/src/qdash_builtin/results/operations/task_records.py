"""Operation of the record of a task: its newest results in numbers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.request_parts.path_parts import Name
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.results.requests import FilterText
from qdash_builtin.results.task_records import MOST_RESULTS
from qdash_builtin.results.views.task_records import TaskRecordDocument
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("tasks", place=465)

_MaxResults = Annotated[
    int, Field(ge=1, le=MOST_RESULTS, description="Maximum number of results to summarize.")
]


@operations.get("/tasks/{name}/record", needs=RequiredRole.VIEWER)
def task_record(
    call: Call, name: Name, chip_id: FilterText = None, newest: _MaxResults = 1000
) -> TaskRecordDocument:
    """Summarize the newest results of a task: number, outcomes and durations."""
    found = call.qdash.get(RESULTS).make_task_record(call.access, name, chip_id=chip_id, newest=newest)
    return TaskRecordDocument.from_record(found)
