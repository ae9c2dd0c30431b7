"""Analysing stored raw data again, without hardware."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_core.models.base import utc_now
from qdash_core.tasks.base import ChipView, RunContext
from qdash_core.tasks.failures import failure_message
from qdash_core.tasks.history_recorder import TaskHistoryRecorder
from qdash_core.tasks.inputs import LatestValues, as_parameter
from qdash_core.tasks.overrides import apply_overrides
from qdash_core.tasks.result_processor import ResultProcessor, settle
from qdash_core.tasks.state_manager import TaskStateManager

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.application import QDash
    from qdash_core.models.raw_data import RawData
    from qdash_core.models.task import TaskResultModel
    from qdash_core.tasks.base import BaseTask
    from qdash_core.tasks.run_parameters import RunParameter


def refit(
    qdash: QDash, project_id: str, task_id: str, *, parameters: Mapping[str, object] | None = None
) -> TaskResultModel:
    """Analyse the raw data of a result again and record what comes of it as a new result.

    An accepted value becomes the chip's, unless the original was a trial or the chip has that value measured later.

    Parameters
    ----------
    qdash : QDash
        Open.
    project_id, task_id : str
        The result whose raw data are analysed.
    parameters : mapping of str to value
        Run parameters that the analysis should see instead of the recorded ones.

    Returns
    -------
    TaskResultModel
        Completed or failed; `refit_of` names the original.

    Raises
    ------
    NotFoundError
        If there is no such result, or its task is not installed.
    InvalidInputError
        If it has no raw data, or a parameter is not what the task declares.
    StoreError
        If the raw data cannot be read.
    """
    original = qdash.repositories.results.find(project_id, task_id)
    if original is None:
        raise NotFoundError(f"there is no result {task_id!r} in project {project_id}")
    if not original.raw_data_path:
        raise InvalidInputError(
            f"{original.name} on {original.qid} ({task_id}) has no raw data to analyse again"
        )
    task = qdash.registry.task(original.name, backend=original.backend)
    declared = _recorded_parameters(task, original)
    resolved = apply_overrides(declared, parameters or {}, task=task.name)
    measured = _measurement(qdash, original)
    raw = qdash.artifacts.load_raw_data(original.raw_data_path[0])

    states = TaskStateManager(
        project_id=project_id,
        username=original.username,
        chip_id=original.chip_id,
        execution_id=original.execution_id,
        tags=original.tags,
        saved=original.saved and _same_chip(qdash, measured),
    )
    result = states.ensure_task_exists(task, original.qid)
    result.attempt, result.refit_of = original.attempt, measured.task_id
    result.cooldown_id = original.cooldown_id
    result.raw_data_path, result.backend = original.raw_data_path, original.backend
    states.put_input_parameters(result, original.input_parameters)
    states.start_task(result)
    result.run_parameters = {
        name: model.model_copy(update={"value": resolved[name].value})
        for name, model in original.run_parameters.items()
        if name in resolved
    }
    _analyse(qdash, states, task, result, raw, resolved, measured=measured)
    states.end_task(result)
    TaskHistoryRecorder(qdash.store, qdash.settings.zone).record_outcome(result)
    return result


def _same_chip(qdash: QDash, measured: TaskResultModel) -> bool:
    """Whether the chip is the one that was measured, and not a newer one of the same name."""
    chip = qdash.repositories.chips.find(measured.project_id, measured.chip_id)
    return chip is not None and measured.start_at is not None and measured.start_at >= chip.installed_at


def _analyse(
    qdash: QDash,
    states: TaskStateManager,
    task: type[BaseTask],
    result: TaskResultModel,
    raw: RawData,
    parameters: Mapping[str, RunParameter],
    *,
    measured: TaskResultModel,
) -> None:
    """Run the analysis and settle the result. Its values are as old as the measurement, not as the refit."""
    chip = qdash.chips.show(result.project_id, result.chip_id)
    previous = LatestValues(qdash.store, result.project_id, result.chip_id).of(result.qid)
    try:
        instance = task()
        instance.context = RunContext(
            qid=result.qid,
            inputs={name: as_parameter(model) for name, model in result.input_parameters.items()},
            parameters={name: parameter.resolved() for name, parameter in parameters.items()},
            execution_id=result.execution_id,
            task_id=result.task_id,
            chip=ChipView(result.chip_id, measured.backend or chip.header.backend, chip.topology),
            partial=lambda _: None,
            _cancelled=lambda: False,
        )
        output = instance.postprocess(None, raw)
        processor = ResultProcessor(qdash.registry.validators())
        now = measured.end_at or utc_now()
        settle(states, result, processor.process(task, result, output, previous=previous, now=now))
    except (Exception, SystemExit) as error:  # noqa: BLE001  code of a plugin may raise anything
        message = failure_message(error, stage="postprocess", module=task.__module__)
        states.update_task_status_to_failed(result, message)


def _recorded_parameters(task: type[BaseTask], original: TaskResultModel) -> dict[str, RunParameter]:
    recorded = {
        name: model.value
        for name, model in original.run_parameters.items()
        if name in task.run_parameters and model.value is not None
    }
    return apply_overrides(task.run_parameters, recorded, task=task.name)


def _measurement(qdash: QDash, original: TaskResultModel) -> TaskResultModel:
    """Return the result that measured: the original, or the one which it analysed again itself."""
    if original.refit_of is None:
        return original
    return qdash.repositories.results.find(original.project_id, original.refit_of) or original
