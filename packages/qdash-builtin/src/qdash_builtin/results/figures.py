"""Figures of task results, drawn by the task or as points of the raw data."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from qdash_core.errors import AnalysisError, InvalidInputError
from qdash_core.models.analysis_names import name_analysis
from qdash_core.models.quantities import format_quantity
from qdash_core.models.units import convert_alike
from qdash_core.tasks.analysis_options import apply_options
from qdash_core.tasks.base import TaskOutput
from qdash_core.tasks.failures import describe_failure
from qdash_core.tasks.figure_json import to_plotly_json
from qdash_core.tasks.inputs import to_parameter

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_core.hooks.pictures import Figure, Pictures
    from qdash_core.models.raw_data import RawData
    from qdash_core.models.task import TaskResultModel
    from qdash_core.tasks.base import BaseTask


def draw_figure(
    task: type[BaseTask], result: TaskResultModel, raw: RawData, pictures: Callable[[], Pictures]
) -> Figure:
    """Return the figure of a result as Plotly JSON.

    `pictures` returns the plugin that draws points if the task draws no figure; it raises InvalidInputError if no
    plugin does.

    Raises
    ------
    AnalysisError
        If the task's figure fails.
    InvalidInputError
        If the task draws no figure, and the raw data hold no array that can be drawn.
    """
    output = rebuild_output(result, task)
    try:
        figure = to_plotly_json(task.figure(raw, output))
    except (Exception, SystemExit) as error:
        raise AnalysisError(
            f"{result.name}.figure failed: {describe_failure(error, module=task.__module__)}"
        ) from error
    if figure is None:
        figure = draw_points(task, result, raw, output, pictures())
    if figure is None:
        raise InvalidInputError(
            f"{result.name} draws no figure, and its raw data hold no array of one dimension: `figure` of the task is "
            "where one would be drawn"
        )
    if result.analysis_model is not None:
        set_title(figure, result)
    return figure


def draw_sketch(
    task: type[BaseTask] | None, result: TaskResultModel, raw: RawData, pictures: Pictures
) -> Figure | None:
    """Return the sketch for a thumbnail of a result as Plotly JSON, or None if nothing can be drawn.

    If the task is not installed (None), draws none or fails, `pictures` draws the raw data as points.
    """
    output = rebuild_output(result, task)
    figure = None
    if task is not None:
        try:
            drawn = task.sketch(raw, output)
            figure = drawn if isinstance(drawn, dict) else to_plotly_json(drawn)
        except (Exception, SystemExit):  # noqa: BLE001  the task author's error: `figure` reports it
            figure = None
    return figure or draw_points(task, result, raw, output, pictures)


def draw_points(
    task: type[BaseTask] | None,
    result: TaskResultModel,
    raw: RawData,
    output: TaskOutput,
    pictures: Pictures,
) -> Figure | None:
    """Return a figure with the raw data as points, or None if they hold none."""
    declared = () if task is None else task.arrays
    return pictures.points(raw, output, title=f"{result.name} {result.qid}".rstrip(), declared=declared)


def select_as_recorded(task: type[BaseTask], result: TaskResultModel, raw: RawData) -> RawData:
    """Return raw data with the analysis options of a refit, as its analysis saw them.

    Raises
    ------
    InvalidInputError
        If the task, which may have changed since, no longer has such points.
    """
    return apply_options(task, raw, {name: model.value for name, model in result.analysis_options.items()})


def rebuild_output(result: TaskResultModel, task: type[BaseTask] | None = None) -> TaskOutput:
    """Return the output of the analysis from its record, in the units that a task declares, without values if the analysis failed.

    That of a user's analysis has no values either: the task would draw its own model through the data.
    """
    if result.analysis_model is not None:
        return TaskOutput()
    declared = {} if task is None else task.output_parameters
    estimates = {name: to_parameter(model) for name, model in result.output_parameters.items()}
    return TaskOutput(
        parameters={
            name: convert_alike(known, declared[name].unit) if name in declared else known
            for name, known in estimates.items()
        },
        r2=result.r2,
        quality=result.quality,
        note=result.note,
    )


def set_title(figure: Figure, result: TaskResultModel) -> None:
    """Write the estimates and the model of a user's analysis above its data: the task knows of no estimates."""
    estimates = [
        f"{name} {format_quantity(one.value, one.error, one.unit)}"
        for name, one in result.output_parameters.items()
    ]
    text = ", ".join([*estimates, name_analysis(result.analysis_model)])
    layout = figure.setdefault("layout", {})
    title = layout.get("title")
    layout["title"] = {**(title if isinstance(title, dict) else {}), "text": escape(text)}
