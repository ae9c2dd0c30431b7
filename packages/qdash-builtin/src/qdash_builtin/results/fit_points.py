"""Figures of fits of selected points: places of the points of the swept axis, and marks of those that were left out."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_builtin.results.figure_axes import is_measured
from qdash_builtin.results.figures import draw_figure
from qdash_core.errors import AnalysisError, InvalidInputError
from qdash_core.tasks.analysis_options import EXCLUDE, FIT_WINDOW, load_fit_axes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from qdash_core.hooks.pictures import Figure, Pictures
    from qdash_core.models.raw_data import RawData
    from qdash_core.models.task import TaskResultModel
    from qdash_core.tasks.base import BaseTask

    Numbers = NDArray[np.float64]

_NEAR = 1e-5
"""Largest distance of a drawn point from its place, in units of the range: figures round their numbers."""
_DASHED = {"color": "#787c82", "width": 1.5, "dash": "dash"}
_CROSS = {"symbol": "x-thin", "size": 8, "color": "#888888", "line": {"color": "#888888", "width": 1.5}}


@dataclass(frozen=True, slots=True)
class FitPoints:
    """Points of the swept axis of a fit. In its figure, a point is at `factor` times its value plus `offset`.

    Parameters
    ----------
    xaxis : str
        Axis of the figure as Plotly names it: x, x2.
    unit : str
        Unit of the values.
    factor, offset : float
        Factor, a power of ten, and offset in the unit of the figure.
    values : tuple of float
        All measured values, ascending, each once.
    kept : tuple of bool
        Whether each is fitted.
    """

    xaxis: str
    unit: str
    factor: float
    offset: float
    values: tuple[float, ...]
    kept: tuple[bool, ...]

    def to_values(self, x: Any) -> Any:
        """Return the values at places of the figure, numbers or arrays."""
        return (x - self.offset) / self.factor

    def to_places(self, values: Any) -> Any:
        """Return the places of values in the figure, numbers or arrays."""
        return self.factor * values + self.offset

    def is_kept(self, values: Numbers) -> NDArray[np.bool_]:
        """Return whether the points nearest to values are fitted."""
        known = np.asarray(self.values)
        nearest = np.abs(values[:, None] - known).argmin(axis=1)
        return np.asarray(np.asarray(self.kept)[nearest])


def draw_fit(
    task: type[BaseTask],
    result: TaskResultModel,
    raw: RawData,
    selected: RawData,
    pictures: Callable[[], Pictures],
) -> tuple[Figure, FitPoints | None]:
    """Return the figure of a fit (Plotly JSON) with marks of the points that it left out, and the places of the points.

    If the fit of the selected points (`apply_options`) draws no figure, the measured points are drawn without a fit.
    The places are None if the figure shows no axis of the fit.

    Raises
    ------
    AnalysisError, InvalidInputError
        As `draw_figure`, of the fit and of all points.
    """
    others = {name: one for name, one in selected.options.items() if name not in (FIT_WINDOW, EXCLUDE)}
    if others == selected.options:
        figure = draw_figure(task, result, selected, pictures)
        return figure, find_fit_points(task, raw, selected, figure)
    try:
        figure = draw_figure(task, result, selected, pictures)
    except AnalysisError:
        whole = draw_figure(task, result, replace(raw, options=others), pictures)
        points = find_fit_points(task, raw, raw, whole)
        if points is None:
            raise
        kept = np.concatenate(list(load_fit_axes(task, selected).values()))
        points = replace(points, kept=tuple(np.isin(points.values, kept).tolist()))
        return _keep_points(whole, points), points
    points = find_fit_points(task, raw, selected, figure)
    if points is None or all(points.kept):
        return figure, points
    try:
        whole = draw_figure(task, result, replace(raw, options=others), pictures)
    except (AnalysisError, InvalidInputError):
        return figure, points
    if (everywhere := find_fit_points(task, raw, raw, whole)) is None:
        return figure, points
    marks = list(_mark_left_out(figure, points, whole, everywhere))
    return {**figure, "data": [*figure["data"], *marks]}, points


def find_fit_points(
    task: type[BaseTask], raw: RawData, selected: RawData, figure: Figure
) -> FitPoints | None:
    """Return the points of a fit by their places in its figure, or None if it shows no axis of the fit.

    An axis is found by its values: those of the points of a trace, up to a power of ten and an offset.
    """
    axes, fitted = load_fit_axes(task, raw), load_fit_axes(task, selected)
    places = [
        (offset != 0.0, xaxis, factor, offset, name)
        for xaxis, x in _iter_places(figure)
        for name, values in fitted.items()
        if (found := _locate(values, x)) is not None
        for factor, offset in (found,)
    ]
    if not places:
        return None
    _, xaxis, factor, offset, first = min(places, key=lambda one: one[0])
    names = {name for _, at, scale, _, name in places if (at, scale) == (xaxis, factor)}
    values = np.unique(np.concatenate([axes[name] for name in names]))
    kept = np.isin(values, np.concatenate([fitted[name] for name in names]))
    return FitPoints(
        xaxis, raw.arrays[first][1], factor, offset, tuple(values.tolist()), tuple(kept.tolist())
    )


def _iter_places(figure: Figure) -> Iterator[tuple[str, Numbers]]:
    """Yield the x axis and the x of each trace of measured points."""
    for trace in figure["data"]:
        if (x := _get_numbers(trace, "x")) is not None and is_measured(trace, figure):
            yield trace.get("xaxis") or "x", x


def _get_numbers(trace: Mapping[str, Any], letter: str) -> Numbers | None:
    values = trace.get(letter)
    if not isinstance(values, list) or not all(isinstance(one, (int, float)) for one in values):
        return None
    return np.asarray(values, dtype=np.float64)


def _locate(values: NDArray[Any], x: Numbers) -> tuple[float, float] | None:
    """Return factor and offset with which the values are at x, or None if they are not."""
    known, drawn = np.unique(values).astype(np.float64), np.unique(x)
    if known.size != drawn.size or known.size < 2 or not np.isfinite([*known, *drawn]).all():
        return None
    factor = 10.0 ** round(math.log10(np.ptp(drawn) / np.ptp(known)))
    for offset in (0.0, float(drawn[0] - factor * known[0])):
        if np.allclose(factor * known + offset, drawn, rtol=0.0, atol=_NEAR * np.ptp(drawn)):
            return factor, offset
    return None


def _mark_left_out(
    figure: Figure, points: FitPoints, whole: Figure, everywhere: FitPoints
) -> Iterator[dict[str, Any]]:
    """Yield the points of the figure of all data that a fit left out, in the units of its own figure."""
    for trace, own, (slope, intercept) in _pair_traces(figure, points, whole, everywhere):
        values, y = everywhere.to_values(np.asarray(trace["x"])), np.asarray(trace["y"])
        left_out = ~points.is_kept(values)
        yield {
            **{name: own[name] for name in ("xaxis", "yaxis") if name in own},
            "type": "scatter",
            "mode": "markers",
            "name": "Left out",
            "x": points.to_places(values[left_out]).tolist(),
            "y": (slope * y[left_out] + intercept).tolist(),
            "marker": _CROSS,
            "showlegend": False,
        }


def draw_behind(figure: Figure, points: FitPoints, original: Figure, places: FitPoints) -> Figure:
    """Return the figure of a refit with the lines of the original's figure dashed, in the units of its own."""
    lines = []
    pairs = {id(trace): (own, line) for trace, own, line in _pair_traces(figure, points, original, places)}
    pair = None
    for trace in original["data"]:
        pair = pairs.get(id(trace), pair)
        x, y = trace.get("x"), trace.get("y")
        if pair is None or trace.get("mode") != "lines" or not x or not y:
            continue
        own, (slope, intercept) = pair
        axes: dict[str, Any] = {name: own[name] for name in ("xaxis", "yaxis") if name in own}
        lines.append(
            {
                **axes,
                "type": "scatter",
                "mode": "lines",
                "name": "Original",
                "x": [None if one is None else points.to_places(places.to_values(one)) for one in x],
                "y": [None if one is None else slope * one + intercept for one in y],
                "line": _DASHED,
                "showlegend": False,
            }
        )
    return {**figure, "data": [*lines, *figure["data"]]}


def _pair_traces(
    figure: Figure, points: FitPoints, other: Figure, places: FitPoints
) -> Iterator[tuple[dict[str, Any], dict[str, Any], tuple[float, float]]]:
    """Yield the traces of measured points in another figure of the same data, each with its own counterpart, and slope
    and intercept from its y to that: both figures may project the same data onto other axes.
    """
    counterparts = {trace.get("name"): trace for trace in figure["data"] if is_measured(trace, figure)}
    for trace in other["data"]:
        own = counterparts.get(trace.get("name"))
        if own is None or not is_measured(trace, other) or (trace.get("xaxis") or "x") != places.xaxis:
            continue
        x, y, own_x, own_y = (_get_numbers(one, axis) for one in (trace, own) for axis in ("x", "y"))
        if x is None or y is None or own_x is None or own_y is None:
            continue
        common = points.is_kept(places.to_values(x))
        own_common = places.is_kept(points.to_values(own_x))
        if common.sum() != own_common.sum() or common.sum() < 2 or not np.ptp(y[common]):
            continue
        slope, intercept = np.polyfit(y[common], own_y[own_common], 1)
        yield trace, own, (float(slope), float(intercept))


def _keep_points(whole: Figure, points: FitPoints) -> Figure:
    """Return the measured points of a figure without a fit; those that are not fitted are crosses."""
    data = []
    for trace in whole["data"]:
        x = _get_numbers(trace, "x")
        if x is None or not is_measured(trace, whole):
            continue
        kept = points.is_kept(points.to_values(x)).tolist() if x.size else []
        symbols = ["circle" if one else "x-thin" for one in kept]
        marker = trace.get("marker") or {}
        line = {"color": _CROSS["color"], "width": [0.0 if one else 1.5 for one in kept]}
        data.append({**trace, "marker": {**marker, "symbol": symbols, "line": line}})
    layout: dict[str, Any] = {
        name: one for name, one in whole["layout"].items() if name not in ("shapes", "yaxis2")
    }
    for name in ("xaxis", "yaxis"):
        axis = layout.get(name) or {}
        layout[name] = {key: one for key, one in axis.items() if key not in ("anchor", "domain")}
    return {**whole, "data": data, "layout": layout}
