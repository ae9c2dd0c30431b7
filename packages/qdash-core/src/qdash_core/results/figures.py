"""Figures: drawn from stored raw data and the recorded result when someone looks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from qdash_core.errors import AnalysisError, InvalidInputError, NotFoundError
from qdash_core.models.base import as_json
from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.failures import failure_message
from qdash_core.tasks.inputs import as_parameter

if TYPE_CHECKING:
    from qdash_core.application import QDash
    from qdash_core.models.task import TaskResultModel


def figure_of(qdash: QDash, project_id: str, task_id: str) -> dict[str, Any]:
    """Return the figure of a result as Plotly JSON: a mapping with `data` and `layout`.

    Raises
    ------
    NotFoundError
        If there is no such result, or its task is not installed.
    InvalidInputError
        If it has no raw data, or its task draws nothing.
    AnalysisError
        If the task's figure fails.
    """
    result = qdash.repositories.results.find(project_id, task_id)
    if result is None:
        raise NotFoundError(f"there is no result {task_id!r} in project {project_id}")
    if not result.raw_data_path:
        raise InvalidInputError(f"{result.name} on {result.qid} ({task_id}) has no raw data to draw")
    task = qdash.registry.task(result.name, backend=result.backend)
    raw = qdash.artifacts.load_raw_data(result.raw_data_path[0])
    try:
        figure = _as_plotly_json(task.figure(raw, _output_of(result)))
    except (Exception, SystemExit) as error:
        raise AnalysisError(
            f"{result.name}.figure failed: {failure_message(error, module=task.__module__)}"
        ) from error
    if figure is None:
        raise InvalidInputError(f"{result.name} draws no figure")
    return figure


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
