"""Curve of a user's own analysis in the figure of its result."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from qdash_builtin.results.figure_axes import convert_values, read_titles, require_axes, split_title
from qdash_core.errors import InvalidInputError
from qdash_core.models.units import are_alike, describe_unit
from qdash_core.tasks.colours import INK

if TYPE_CHECKING:
    from qdash_core.hooks.pictures import Figure
    from qdash_core.models.task import AnalysisCurve, TaskResultModel


def add_curve(figure: Figure, curve: AnalysisCurve, result: TaskResultModel) -> None:
    """Draw the curve of a user's analysis on the axes of the measured points, in their units.

    Raises
    ------
    InvalidInputError
        If the figure shows no points over one axis, or a unit of the curve cannot be converted to that of its axis.
    """
    axes = require_axes(figure, result.name)
    places = {}
    for letter, title, values, given in zip(
        "xy", read_titles(figure, axes), (curve.x, curve.y), (curve.x_unit, curve.y_unit), strict=True
    ):
        unit = split_title(title)[1]
        if given and not are_alike(given, unit):
            raise InvalidInputError(
                f"{letter} of the curve is in {describe_unit(given)}, which cannot be converted to that of the axis {title!r}"
            )
        places[letter] = convert_values(values, given or unit, unit)
    figure["data"].append(
        {
            "type": "scatter",
            "mode": "lines",
            "name": escape(result.analysis_model or ""),
            "line": {"color": INK, "width": 1.5},
            "xaxis": axes[0],
            "yaxis": axes[1],
            **places,
        }
    )
