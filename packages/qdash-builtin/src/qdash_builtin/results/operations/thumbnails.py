"""Operations of thumbnails of task results."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from qdash_builtin.request_parts.path_parts import ChipId, TaskId
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.results.requests import Targets
from qdash_builtin.results.views.thumbnails import ThumbnailDocument, ThumbnailsDocument
from qdash_core.operations.call import Call
from qdash_core.operations.operation import Operations
from qdash_core.operations.required_role import RequiredRole

operations = Operations("thumbnails", place=560)

TaskName = Annotated[str, Field(min_length=1, max_length=128, description="Name of a task, or an alias.")]


@operations.get("/chips/{chip_id}/thumbnails", needs=RequiredRole.VIEWER, slow=True)
def chip_thumbnails(
    call: Call, chip_id: ChipId, task: TaskName, targets: Targets = None
) -> ThumbnailsDocument:
    """Draw a thumbnail of the newest finished result of a task on every target of a chip."""
    wanted = targets.split(",") if targets else ()
    made = call.qdash.get(RESULTS).make_thumbnails(call.access, chip_id, task, wanted)
    return ThumbnailsDocument.from_thumbnails(chip_id, task, made)


@operations.get("/task-results/{task_id}/thumbnail", needs=RequiredRole.VIEWER, slow=True)
def result_thumbnail(call: Call, task_id: TaskId) -> ThumbnailDocument:
    """Draw a thumbnail of a task result."""
    made = call.qdash.get(RESULTS).make_thumbnail(call.access, task_id)
    return ThumbnailDocument.from_record(made.result, svg=made.svg)
