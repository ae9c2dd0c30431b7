"""What is drawn of a result from its raw data: by its task, or else as points."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from qdash_core.errors import AnalysisError, InvalidInputError
from qdash_core.models.base import as_json
from qdash_core.pictures.points import points
from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.failures import failure_message
from qdash_core.tasks.inputs import as_parameter

if TYPE_CHECKING:
    from qdash_core.models.raw_data import RawData
    from qdash_core.models.task import TaskResultModel
    from qdash_core.tasks.base import BaseTask

Drawn = dict[str, Any]


def figure_of(task: type[BaseTask], result: TaskResultModel, raw: RawData) -> Drawn:
    """Return the figure of a result as Plotly JSON.

    Raises
    ------
    AnalysisError
        If the task's figure fails.
    InvalidInputError
        If the task draws none, and the raw data hold nothing that can be drawn.
    """
    output = output_of(result)
    try:
        figure = _as_plotly_json(task.figure(raw, output))
    except (Exception, SystemExit) as error:
        raise AnalysisError(
            f"{result.name}.figure failed: {failure_message(error, module=task.__module__)}"
        ) from error
    if figure is None:
        figure = as_points(task, result, raw, output)
    if figure is None:
        raise InvalidInputError(
            f"{result.name} draws no figure, and its raw data hold no array of one dimension: `figure` of the task is "
            "where one would be drawn"
        )
    return figure


def sketch_of(task: type[BaseTask] | None, result: TaskResultModel, raw: RawData) -> Drawn | None:
    """Return what a thumbnail of a result shows as Plotly JSON; None where nothing can be drawn.

    Parameters
    ----------
    task : type of BaseTask or None
        Draws the sketch. Where it is not installed (None), draws none or fails, the raw data are drawn as points.
    """
    output = output_of(result)
    figure = None
    if task is not None:
        try:
            drawn = task.sketch(raw, output)
            figure = drawn if isinstance(drawn, dict) else _as_plotly_json(drawn)
        except (Exception, SystemExit):  # noqa: BLE001  the author's: `figure` says what it is
            figure = None
    return figure or as_points(task, result, raw, output)


def as_points(
    task: type[BaseTask] | None, result: TaskResultModel, raw: RawData, output: TaskOutput
) -> Drawn | None:
    """Return raw data as points; None: there are none."""
    declared = () if task is None else task.arrays
    return points(raw, output, title=f"{result.name} {result.qid}".rstrip(), declared=declared)


def output_of(result: TaskResultModel) -> TaskOutput:
    """Return the output that the analysis gave, from its record. A failed analysis has left none of its values."""
    return TaskOutput(
        parameters={name: as_parameter(model) for name, model in result.output_parameters.items()},
        r2=result.r2,
        quality=result.quality,
        note=result.note,
    )


def _as_plotly_json(drawn: Any) -> Drawn | None:
    figure: Drawn | None = json.loads(drawn.to_json()) if hasattr(drawn, "to_json") else as_json(drawn)
    return figure
