"""Results looked at again, without hardware: raw data analysed once more, or drawn."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from qdash_core.attempts.attempt import Attempt, failing
from qdash_core.attempts.history_recorder import TaskHistoryRecorder
from qdash_core.attempts.result_processor import ResultProcessor
from qdash_core.attempts.state_manager import Origin, TaskStateManager
from qdash_core.errors import AnalysisError, InvalidInputError, NotFoundError
from qdash_core.models.base import as_json
from qdash_core.models.project import ProjectRole
from qdash_core.pictures.points import points
from qdash_core.record.naming import CANDIDATES, the_one
from qdash_core.tasks.base import ChipView, TaskOutput
from qdash_core.tasks.failures import failure_message
from qdash_core.tasks.inputs import LatestValues, as_parameter
from qdash_core.tasks.overrides import apply_overrides

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.models.access import Access
    from qdash_core.models.task import RunParameterModel, TaskResultModel
    from qdash_core.runtime import Runtime
    from qdash_core.tasks.base import BaseTask
    from qdash_core.tasks.run_parameters import RunParameter


class ResultService:
    """Refits and figures of stored results.

    Parameters
    ----------
    runtime : Runtime
        Open.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def named(self, access: Access, text: str) -> str:
        """Return the id of the result that is meant by its id, or a beginning of it.

        Raises
        ------
        NotFoundError
            If none begins so.
        InvalidInputError
            If several do; it names some.
        """
        results = self._runtime.repositories.results
        if found := results.beginning(access.project_id, text, limit=CANDIDATES + 1):
            return the_one(text, found, what="results")
        raise NotFoundError(
            f"there is no result {text!r} in project {access.project_id}: `qdash executions show last` shows those of the newest run"
        )

    def refit(
        self, access: Access, task_id: str, *, parameters: Mapping[str, object] | None = None
    ) -> TaskResultModel:
        """Analyse the raw data of a result again and record what comes of it as a new result.

        An accepted value becomes the chip's, unless the original was a trial or the chip has that value measured later.

        Parameters
        ----------
        access : Access
            Who asks, and where.
        task_id : str
            The result whose raw data are analysed.
        parameters : mapping of str to value
            Run parameters that the analysis should see instead of the recorded ones; under the name of the task or an
            alias a mapping of more, which win.

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
        access.require(ProjectRole.EDITOR)
        runtime = self._runtime
        original = self._with_raw_data(access.project_id, task_id, "analyse again")
        task = runtime.registry.task(original.name, backend=original.backend)
        resolved = _resolved(task, original, parameters or {})
        measured = self._measurement(original)
        raw = runtime.artifacts.load_raw_data(original.raw_data_path[0])

        states = TaskStateManager(self._origin(original, measured))
        result = states.refit_of(task, original, measured=measured)
        states.put_run_parameters(result, _in_use(original, resolved))
        chip = self._runtime.chip_record.show(measured.project_id, measured.chip_id)
        view = ChipView(measured.chip_id, measured.backend or chip.header.backend, chip.topology)
        design = runtime.design_of(chip, backend_name=measured.backend)
        attempt = Attempt(result, task)
        with failing(attempt, stage="postprocess"):
            instance = attempt.construct(
                resolved, view, design=design, partial=lambda _: None, cancelled=lambda: False
            )
            attempt.output = instance.postprocess(None, raw)
        values = LatestValues(runtime.store, access.project_id, result.chip_id)
        # Its values are as old as the measurement, not as the refit.
        processor = ResultProcessor(runtime.registry.validators(), states, values)
        processor.judge(attempt, measured_at=measured.end_at)
        if attempt.failure is not None:
            states.update_task_status_to_failed(result, attempt.reason())
        TaskHistoryRecorder(runtime.store, runtime.zone).record_outcome(result)
        return result

    def figure(self, access: Access, task_id: str) -> dict[str, Any]:
        """Return the figure of a result as Plotly JSON: a mapping with `data` and `layout`.

        Of a task that draws none it is what was measured, as points, with the fit that its note keeps.

        Raises
        ------
        NotFoundError
            If there is no such result, or its task is not installed.
        InvalidInputError
            If it has no raw data, or they hold nothing that can be drawn.
        AnalysisError
            If the task's figure fails.
        """
        result = self._with_raw_data(access.project_id, task_id, "draw")
        task = self._runtime.registry.task(result.name, backend=result.backend)
        raw = self._runtime.artifacts.load_raw_data(result.raw_data_path[0])
        output = _output_of(result)
        try:
            figure = _as_plotly_json(task.figure(raw, output))
        except (Exception, SystemExit) as error:
            raise AnalysisError(
                f"{result.name}.figure failed: {failure_message(error, module=task.__module__)}"
            ) from error
        if figure is None:
            figure = points(raw, output, title=f"{result.name} {result.qid}".rstrip(), declared=task.arrays)
        if figure is None:
            raise InvalidInputError(
                f"{result.name} draws no figure, and its raw data hold no array of one dimension: `figure` of the task is "
                "where one would be drawn"
            )
        return figure

    def _with_raw_data(self, project_id: str, task_id: str, to_do: str) -> TaskResultModel:
        result = self._runtime.repositories.results.find(project_id, task_id)
        if result is None:
            raise NotFoundError(f"there is no result {task_id!r} in project {project_id}")
        if not result.raw_data_path:
            raise InvalidInputError(f"{result.name} on {result.qid} ({task_id}) has no raw data to {to_do}")
        return result

    def _measurement(self, original: TaskResultModel) -> TaskResultModel:
        """Return the result that measured: the original, or the one which it analysed again itself."""
        if original.refit_of is None:
            return original
        results = self._runtime.repositories.results
        return results.find(original.project_id, original.refit_of) or original

    def _origin(self, original: TaskResultModel, measured: TaskResultModel) -> Origin:
        return Origin(
            project_id=original.project_id,
            username=original.username,
            chip_id=original.chip_id,
            execution_id=original.execution_id,
            backend=original.backend,
            tags=original.tags,
            saved=original.saved and self._same_chip(measured),
        )

    def _same_chip(self, measured: TaskResultModel) -> bool:
        """Whether the chip is the one that was measured, and not a newer one of the same name."""
        chip = self._runtime.repositories.chips.find(measured.project_id, measured.chip_id)
        return chip is not None and measured.start_at is not None and measured.start_at >= chip.installed_at


def _resolved(
    task: type[BaseTask], original: TaskResultModel, parameters: Mapping[str, object]
) -> dict[str, RunParameter]:
    """Return the recorded run parameters with those put over them that are given in general, and for this task."""
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


def _in_use(original: TaskResultModel, resolved: Mapping[str, RunParameter]) -> dict[str, RunParameterModel]:
    return {
        name: model.model_copy(update={"value": resolved[name].value})
        for name, model in original.run_parameters.items()
        if name in resolved
    }


def _as_plotly_json(drawn: Any) -> dict[str, Any] | None:
    figure: dict[str, Any] | None = (
        json.loads(drawn.to_json()) if hasattr(drawn, "to_json") else as_json(drawn)
    )
    return figure


def _output_of(result: TaskResultModel) -> TaskOutput:
    """Return the output that the analysis gave, from its record. A failed analysis has left none of its values."""
    return TaskOutput(
        parameters={name: as_parameter(model) for name, model in result.output_parameters.items()},
        r2=result.r2,
        quality=result.quality,
        note=result.note,
    )
