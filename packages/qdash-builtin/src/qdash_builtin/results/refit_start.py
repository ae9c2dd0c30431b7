"""Start of the result of a refit."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.attempts.state_manager import TaskStateManager
    from qdash_core.models.task import RunParameterModel, TaskResultModel
    from qdash_core.tasks.base import BaseTask


def start_refit(
    states: TaskStateManager,
    task: type[BaseTask],
    original: TaskResultModel,
    *,
    measured: TaskResultModel,
    options: Mapping[str, RunParameterModel],
) -> TaskResultModel:
    """Return a running result for a new analysis, with `options`, of the raw data of `original` recorded by `measured`."""
    result = states.ensure_task_exists(task, original.qid)
    result.attempt, result.refit_of = original.attempt, measured.task_id
    result.measured, result.analysis_options = measured.measurement, dict(options)
    result.cooldown_id, result.together = original.cooldown_id, original.together
    result.set_raw_data(original.raw_data_path, original.raw_data_sha256)
    states.put_input_parameters(result, original.input_parameters)
    states.put_control(result, original.control)
    states.start_task(result)
    return result
