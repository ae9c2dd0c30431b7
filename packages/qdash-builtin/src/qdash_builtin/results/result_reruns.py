"""Requests to rerun a recorded result with its inputs and run parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import NotFoundError
from qdash_core.models.request import RunRequest
from qdash_core.session.repeated_result import read_repeated_result, require_repeatable

if TYPE_CHECKING:
    from qdash_core.models.access import Access
    from qdash_core.models.task import TaskResultModel
    from qdash_core.runtime.runtime import Runtime
    from qdash_core.tasks.base import BaseTask


def make_rerun_request(
    runtime: Runtime, access: Access, task_id: str, *, scope: str | None = None
) -> RunRequest:
    """Return the request to rerun a result on its backend with its recorded run parameters.

    The value scope gets the accepted values, or None to record them with the result only.

    Raises
    ------
    NotFoundError
        If there is no such result, or its task or backend is not installed.
    InvalidInputError
        If it cannot be measured again, see `require_repeatable`.
    """
    result = read_repeated_result(runtime, access.project_id, task_id)
    chip = runtime.chip_record.show(access.project_id, result.chip_id)
    require_repeatable(result, chip)
    backend = result.backend if result.backend != chip.header.backend else None
    task = _get_task(runtime, access, result, backend)
    recorded = {
        name: model.value
        for name, model in result.run_parameters.items()
        if name in task.run_parameters and model.value is not None
    }
    return RunRequest(
        username=access.username,
        project_id=access.project_id,
        chip_id=result.chip_id,
        flow=task.name,
        single=result.qid,
        saved=scope is not None,
        scope=scope,
        repeat=False,
        run_parameters={task.name: recorded} if recorded else {},
        backend_name=backend,
        rerun_of=result.task_id,
    )


def _get_task(
    runtime: Runtime, access: Access, result: TaskResultModel, backend: str | None
) -> type[BaseTask]:
    catalogue = runtime.get_catalogue(access.project_id, result.chip_id, backend_name=backend)
    if catalogue.known(result.name) is None:
        raise NotFoundError(
            f"the task {result.name} of result {result.task_id} is not installed: install the plugin that provides it, then rerun the result"
        )
    return catalogue.task(result.name)
