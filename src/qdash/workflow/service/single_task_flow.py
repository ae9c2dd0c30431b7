"""Run of a single task as a flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash.workflow.service.calib_service import CalibService

if TYPE_CHECKING:
    from qdash_core.runtime.runtime import Runtime

__all__ = ["single_task_executor"]


def single_task_executor(
    username: str,
    chip_id: str,
    qid: str,
    task_name: str,
    source_execution_id: str,
    project_id: str | None = None,
    flow_name: str | None = None,
    tags: list[str] | None = None,
    source_task_id: str | None = None,
    parameter_overrides: dict[str, dict[str, Any]] | None = None,
    update_params: bool = True,
    persist_output_parameters: bool = True,
    reconfigure: bool = False,
    *,
    qdash: Runtime | None = None,
) -> dict[str, Any]:
    """Run one task on one target in an execution of its own, and return its estimates.

    With `source_task_id` the recorded inputs of that result are used again, and the values do not become the chip's. Inputs of
    `parameter_overrides` replace recorded ones and the chip's values.

    Raises
    ------
    FlowError
        If the task did not complete.
    """
    overrides = dict(parameter_overrides or {})
    details = {task_name: {"calibration_inputs": overrides.pop("input", None)}}
    cal = CalibService(
        username,
        chip_id,
        flow_name=flow_name or task_name,
        tags=tags,
        project_id=project_id,
        source_execution_id=source_execution_id,
        parameter_overrides=overrides,
        source_task_id=source_task_id,
        persist_output_parameters=persist_output_parameters and update_params,
        qdash=qdash,
    )
    try:
        if reconfigure:
            cal.execute_task("ConfigureAll", "")
        result = cal.execute_task(task_name, qid, details)
    except BaseException as error:
        cal.end_after(error)
        raise
    cal.finish_calibration()
    return result
