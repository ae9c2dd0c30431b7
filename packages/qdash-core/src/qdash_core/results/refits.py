"""Refits: new analyses of recorded raw data, recorded and validated as results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.attempts.history_recorder import TaskHistoryRecorder
from qdash_core.attempts.result_processor import ResultProcessor
from qdash_core.attempts.state_manager import ResultOrigin, TaskStateManager
from qdash_core.attempts.task_attempt import TaskAttempt, record_failures
from qdash_core.cancellation import checkpoint
from qdash_core.tasks.base import ChipView
from qdash_core.tasks.inputs import LatestValues
from qdash_core.tasks.overrides import apply_overrides

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.models.task import RunParameterModel, TaskResultModel
    from qdash_core.runtime import Runtime
    from qdash_core.tasks.base import BaseTask
    from qdash_core.tasks.run_parameters import RunParameter


def refit(runtime: Runtime, original: TaskResultModel, parameters: Mapping[str, object]) -> TaskResultModel:
    """Analyse the raw data of a result again and record the new result.

    Parameters
    ----------
    original : TaskResultModel
        A result with raw data.
    parameters : mapping of str to value
        As for `ResultService.refit`, which also documents the errors.
    """
    task = runtime.registry.task(original.name, backend=original.backend)
    resolved = _resolve_run_parameters(task, original, parameters)
    measured = _get_measurement(runtime, original)
    raw = runtime.artifacts.load_raw_data(original.raw_data_path[0])
    checkpoint()

    states = TaskStateManager(_make_origin(runtime, original, measured))
    result = states.start_refit(task, original, measured=measured)
    states.put_run_parameters(result, _make_parameter_records(original, resolved))
    chip = runtime.chip_record.show(measured.project_id, measured.chip_id)
    view = ChipView(measured.chip_id, measured.backend or chip.header.backend, chip.topology)
    design = runtime.get_design(chip, backend_name=measured.backend)
    attempt = TaskAttempt(result, task)
    with record_failures(attempt, stage="postprocess"):
        instance = attempt.create_task(
            resolved, view, design=design, partial=lambda _: None, cancelled=lambda: False
        )
        attempt.measured = raw
        attempt.output = instance.postprocess(None, raw)
    checkpoint()
    values = LatestValues(runtime.store, original.project_id, result.chip_id)
    # The values have the time of the measurement, not that of the refit.
    processor = ResultProcessor(runtime.registry.validators(), states, values)
    processor.judge(attempt, measured_at=measured.end_at)
    if attempt.failure is not None:
        states.update_task_status_to_failed(result, attempt.reason())
    recorder = TaskHistoryRecorder(runtime.store, runtime.zone, status_rules=runtime.status_rules)
    recorder.record_outcome(result)
    return result


def _get_measurement(runtime: Runtime, original: TaskResultModel) -> TaskResultModel:
    """Return the result of the measurement: the original, or its own original if it is a refit."""
    if original.refit_of is None:
        return original
    return runtime.repositories.results.find(original.project_id, original.refit_of) or original


def _make_origin(runtime: Runtime, original: TaskResultModel, measured: TaskResultModel) -> ResultOrigin:
    return ResultOrigin(
        project_id=original.project_id,
        username=original.username,
        chip_id=original.chip_id,
        execution_id=original.execution_id,
        backend=original.backend,
        tags=original.tags,
        saved=original.saved and _is_same_chip(runtime, measured),
        simulated=original.simulated,
        scope=original.scope,
    )


def _is_same_chip(runtime: Runtime, measured: TaskResultModel) -> bool:
    """Return whether the chip is the measured one, and not a newer chip with the same id."""
    chip = runtime.repositories.chips.find(measured.project_id, measured.chip_id)
    return chip is not None and measured.start_at is not None and measured.start_at >= chip.installed_at


def _resolve_run_parameters(
    task: type[BaseTask], original: TaskResultModel, parameters: Mapping[str, object]
) -> dict[str, RunParameter]:
    """Return the recorded run parameters, overridden by general ones and by those for this task."""
    recorded = {
        name: model.value
        for name, model in original.run_parameters.items()
        if name in task.run_parameters and model.value is not None
    }
    declared = apply_overrides(task.run_parameters, recorded, task=task.name)
    given = dict(parameters)
    for called in (*task.aliases, task.name):
        if isinstance(own := given.get(called), dict):
            del given[called]
            given |= own
    return apply_overrides(declared, given, task=task.name)


def _make_parameter_records(
    original: TaskResultModel, resolved: Mapping[str, RunParameter]
) -> dict[str, RunParameterModel]:
    return {
        name: model.model_copy(update={"value": resolved[name].value})
        for name, model in original.run_parameters.items()
        if name in resolved
    }
