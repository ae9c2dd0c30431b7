"""What is asked for: found again in its execution, and checked before anything is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import IllegalTransitionError, InvalidInputError
from qdash_core.flows.own import check_file
from qdash_core.flows.saved import check_saved, found
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.task import TaskStatus, last_attempts
from qdash_core.projects.tags import check_tag
from qdash_core.runs.steps import prepared
from qdash_core.session.flow_run import RESUME_VARIABLE
from qdash_core.session.targets import check_target

if TYPE_CHECKING:
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.request import RunRequest
    from qdash_core.models.task import TaskResultModel
    from qdash_core.runtime import Runtime


def request_of(execution: ExecutionModel) -> RunRequest:
    """Return what was asked for.

    Raises
    ------
    InvalidInputError
        If no runner was asked for it: then whoever ran it has to run it again.
    """
    if execution.request is None:
        raise InvalidInputError(
            f"execution {execution.execution_id} was not begun by a runner: run its program again, as in "
            f"`{RESUME_VARIABLE}={execution.execution_id} python my_flow.py`"
        )
    return execution.request


def checked(runtime: Runtime, project_id: str, request: RunRequest) -> RunRequest:
    """Return a request that could begin now, a single task under its own name, a saved flow with its version.

    Nothing is written, and no code of a user's own is run.

    Raises
    ------
    NotFoundError, InvalidInputError, MissingInputError
        If something that it names is not what it should be.
    """
    for tag in request.tags:
        check_tag(tag)
    if request.since is not None:
        require_rest(runtime, project_id, request.since, chip_id=request.chip_id)
    request = found(runtime, project_id, request)
    if request.of_ones_own:
        if request.names_file:
            check_file(request.flow)
        else:
            check_saved(runtime, project_id, request)
        if request.chip_id is not None:
            runtime.chip_record.show(project_id, request.chip_id)
        return request
    if request.single is not None:
        request = _single(runtime, project_id, request)
    calibration, targets, steps = prepared(runtime, request)
    calibration.check(targets, steps)
    return request


def require_rest(
    runtime: Runtime, project_id: str, execution_id: str, *, chip_id: str | None
) -> list[TaskResultModel]:
    """Return what completed in an execution of which the rest is to be run.

    Raises
    ------
    NotFoundError, InvalidInputError
        If there is no such execution, it is one of another chip, or everything completed: nothing of it is left to run.
    IllegalTransitionError
        If it has not ended: nobody knows yet what of it is left.
    """
    execution, results = runtime.record.show(project_id, execution_id)
    if not execution.status.terminal and not runtime.record.interrupted_among([execution]):
        raise IllegalTransitionError(
            f"execution {execution_id} is {execution.status}: wait for its end, or cancel it first"
        )
    if execution.chip_id != chip_id:
        raise InvalidInputError(
            f"execution {execution_id} is one of chip {execution.chip_id}, not of {chip_id}"
        )
    last = last_attempts(results)
    done = [one for one in last if one.status is TaskStatus.COMPLETED]
    if execution.status is ExecutionStatus.COMPLETED and len(done) == len(last):
        raise InvalidInputError(f"nothing failed in execution {execution_id}")
    return done


def done_already(runtime: Runtime, project_id: str, execution_id: str) -> list[TaskResultModel]:
    """Return what is not measured again of an execution that is gone on with."""
    _, results = runtime.record.show(project_id, execution_id)
    return [one for one in last_attempts(results) if one.status is TaskStatus.COMPLETED]


def _single(runtime: Runtime, project_id: str, request: RunRequest) -> RunRequest:
    """Return the request for a single task under the task's own name.

    Raises
    ------
    NotFoundError, InvalidInputError
        If there is no such task or target, or the one does not run on the other.
    """
    assert request.single is not None
    if request.chip_id is None:
        raise InvalidInputError(f"task {request.flow!r} needs a chip")
    chip = runtime.chip_record.show(project_id, request.chip_id)
    catalogue = runtime.catalogue(project_id, request.chip_id, backend_name=request.backend_name)
    task = catalogue.task(request.flow)
    if not request.single and task.task_type not in ("global", "system"):
        raise InvalidInputError(f"{request.flow} runs on a {task.task_type}: name it with --qid")
    check_target(task, request.single, chip)
    return request.model_copy(update={"flow": task.name})
