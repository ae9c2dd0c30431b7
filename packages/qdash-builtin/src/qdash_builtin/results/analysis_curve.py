"""Figures of recorded analyses: the measured points with the user's curve instead of the fit of the task."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_builtin.results.figure_axes import (
    convert_values,
    get_axes,
    get_axis_title,
    is_measured,
    read_titles,
    require_axes,
    split_title,
)
from qdash_builtin.results.figures import set_title
from qdash_core.errors import InvalidInputError
from qdash_core.models.units import are_alike, describe_unit
from qdash_core.tasks.colours import INK

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from qdash_core.hooks.pictures import Figure
    from qdash_core.models.task import AnalysisCurve, TaskResultModel

_RESIDUAL = "Residual"


def draw_recorded_analysis(figure: Figure, result: TaskResultModel) -> Figure:
    """Return the figure of a measurement with the curve of a user's analysis of it, its residuals, estimates and model.

    The fit of the task, its residuals and its estimates are removed. Without a curve the measured points are left. The residuals of a
    curve are those of the points with errors in its range.

    Raises
    ------
    InvalidInputError
        If the figure shows no points over one axis, or a unit of the curve cannot be converted to that of its axis.
    """
    axes = require_axes(figure, result.name)
    data = [
        one
        for one in figure["data"]
        if not _is_residual(one, figure) and not (get_axes(one) == axes and one.get("mode") == "lines")
    ]
    residual_axes = [
        name
        for name, axis in figure["layout"].items()
        if name.startswith("yaxis") and _RESIDUAL in str(get_axis_title(axis))
    ]
    layout = {name: part for name, part in figure["layout"].items() if name != "annotations"}
    if result.analysis_curve is not None:
        curve = _make_curve(result, result.analysis_curve, axes, read_titles(figure, axes))
        data += [curve, *_iter_residuals(figure, curve)]
        layout |= {name: _without(layout[name], "range") for name in residual_axes}
    elif residual_axes:
        refs = {f"y{name.removeprefix('yaxis')}" for name in residual_axes}
        layout = {name: part for name, part in layout.items() if name not in residual_axes}
        layout["yaxis"] = _without(layout.get("yaxis", {}), "domain")
        layout["xaxis"] = _without(layout.get("xaxis", {}), "anchor")
        layout["shapes"] = [one for one in layout.get("shapes", []) if one.get("yref") not in refs]
    drawn = {**figure, "data": data, "layout": layout}
    set_title(drawn, result)
    return drawn


def _without(part: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in part.items() if key != name}


def _make_curve(
    result: TaskResultModel, curve: AnalysisCurve, axes: tuple[str, str], titles: tuple[str, str]
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": escape(result.analysis_model or ""),
        "line": {"color": INK, "width": 1.5},
        "xaxis": axes[0],
        "yaxis": axes[1],
        **_convert_curve(curve, titles),
    }


def _convert_curve(curve: AnalysisCurve, titles: tuple[str, str]) -> dict[str, Any]:
    """Return x and y of a curve, converted to the units in the titles of the axes."""
    places = {}
    for letter, title, values, given in zip(
        "xy", titles, (curve.x, curve.y), (curve.x_unit, curve.y_unit), strict=True
    ):
        unit = split_title(title)[1]
        if given and not are_alike(given, unit):
            raise InvalidInputError(
                f"{letter} of the curve is in {describe_unit(given)}, which cannot be converted to that of the axis {title!r}"
            )
        places[letter] = convert_values(values, given or unit, unit)
    return places


def _is_residual(trace: Mapping[str, Any], figure: Figure) -> bool:
    axis = figure["layout"].get(f"yaxis{get_axes(trace)[1][1:]}") or {}
    return _RESIDUAL in str(get_axis_title(axis))


def _iter_residuals(figure: Figure, curve: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the residuals of the first points with errors, divided by these errors, if the figure has residuals."""
    former = next((one for one in figure["data"] if _is_residual(one, figure)), None)
    measured = next(
        (
            one
            for one in figure["data"]
            if is_measured(one, figure) and (one.get("error_y") or {}).get("array")
        ),
        None,
    )
    if former is None or measured is None:
        return
    x, y, sigma = (
        np.asarray(values, dtype=np.float64)
        for values in (measured["x"], measured["y"], measured["error_y"]["array"])
    )
    order = np.argsort(curve["x"])
    places, values = (np.asarray(curve[letter], dtype=np.float64)[order] for letter in "xy")
    inside = (x >= places[0]) & (x <= places[-1]) & (sigma > 0)
    left = (y[inside] - np.interp(x[inside], places, values)) / sigma[inside]
    yield {**former, "x": x[inside].tolist(), "y": left.tolist()}
