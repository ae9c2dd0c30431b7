"""What can be gone on with: the job of an execution, and the executions that were interrupted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.flows.job import FlowJob
from qdash_core.models.execution import ExecutionStatus
from qdash_core.session.flow_run import RESUME_VARIABLE

if TYPE_CHECKING:
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.runtime import Runtime

_INTERRUPTED = "interrupted"


def job_to_resume(execution: ExecutionModel, *, username: str) -> FlowJob:
    """Return the job that goes on with an execution.

    Raises
    ------
    InvalidInputError
        If no runner was asked for it: then whoever ran it has to run it again.
    """
    document = execution.note.get("job")
    if document is None:
        raise InvalidInputError(
            f"execution {execution.execution_id} was not begun by a runner: run its program again, as in "
            f"`{RESUME_VARIABLE}={execution.execution_id} python my_flow.py`"
        )
    job = FlowJob.from_json(document)
    return job.resuming(execution.execution_id, project_id=execution.project_id, username=username)


def interrupted(qdash: Runtime, project_id: str) -> list[ExecutionModel]:
    """Return the executions of a project whose process died, oldest first, as far as a runner began them.

    One after which the same flow was run anew on the same chip is not among them: it has been superseded.
    """
    begun = [one for one in qdash.repositories.executions.newest(project_id) if "job" in one.note]
    newest = {(one.chip_id, one.name): one for one in reversed(begun)}
    return [
        one for one in reversed(begun) if newest[one.chip_id, one.name] is one and _is_interrupted(qdash, one)
    ]


def _is_interrupted(qdash: Runtime, execution: ExecutionModel) -> bool:
    if execution.status is ExecutionStatus.FAILED:
        return execution.message.startswith(_INTERRUPTED)
    return qdash.executions.is_interrupted(execution)
