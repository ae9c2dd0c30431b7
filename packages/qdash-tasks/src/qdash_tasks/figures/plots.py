"""Plotly figures as plain JSON: data with error bars, fitted lines, and residuals below them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from qdash_analysis.result import FitResult

Drawn = dict[str, Any]

COLOURS = ("#3465a4", "#c4501b", "#4e9a06", "#75507b", "#c4a000", "#06989a")
_FIT_COLOUR = "#30343b"
_FEWEST_DRAWN = 400
_BELOW, _GAP, _HALF = 0.22, 0.11, 0.445
"""Shares of the figure height: residuals, the gap above them, and each of two maps."""
_WIDEST = 5.0
"""Standard deviations at which the colour scale of a residual map ends."""
_TWO_SIGMA = {
    "type": "rect",
    "xref": "paper",
    "x0": 0,
    "x1": 1,
    "yref": "y2",
    "y0": -2,
    "y1": 2,
    "fillcolor": "#000000",
    "opacity": 0.06,
    "line": {"width": 0},
    "layer": "below",
}
_LEGEND_WIDTH = 430
"""Pixels available for a legend row in the smallest figures."""
_LEGIBLE = 4
"""Marker size below which the legend shows a larger marker."""
_Y_TITLE = {"font": {"size": 12}, "standoff": 8}
_THIN = {"thickness": 1, "width": 2}
_LEAST_SHOWN, _ROOM = 2.0, 1.25
"""Smallest range of the residual axis in standard deviations, and its margin beyond the largest residual."""
_HOLE = 4.0
"""Gap, in units of the usual step, that interrupts a line with values at the points only."""


class Signal(Protocol):
    """Measured points with their errors, each of shape (n,)."""

    @property
    def x(self) -> NDArray[np.float64]: ...

    @property
    def y(self) -> NDArray[np.float64]: ...

    @property
    def sigma(self) -> NDArray[np.float64]: ...


def points(name: str, signal: Signal, *, scale: float = 1.0) -> Drawn:
    """Return measured points with their 1-sigma bars; `scale` turns x into the unit of the axis."""
    return scatter(name, signal.x * scale, signal.y, sigma=signal.sigma)


def left_out(signal: Signal, fit: FitResult) -> list[Drawn]:
    """Mark the measured points that the fit left out; return no trace if there are none."""
    places = np.isin(signal.x, fit.left_out)
    if not places.any():
        return []
    cross = {"symbol": "x-open", "size": 10, "color": "#888888"}
    return [scatter("Left out", signal.x[places], signal.y[places], marker=cross)]


def scatter(name: str, x: ArrayLike, y: ArrayLike, *, sigma: ArrayLike | None = None, **style: Any) -> Drawn:
    """Return points, with 1-sigma bars if the errors are known."""
    bars = (
        {}
        if sigma is None
        else {"error_y": {"type": "data", "array": _round_values(sigma), "visible": True, **_THIN}}
    )
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": _round_values(x),
        "y": _round_values(y),
        **bars,
        **style,
    }


def curve(
    name: str,
    predict: Callable[[NDArray[np.float64]], NDArray[Any]],
    x: NDArray[np.float64],
    *,
    scale: float = 1.0,
) -> Drawn:
    """Return a fitted model over the range of `x`, drawn finely and through every point of `x`."""
    fine = np.union1d(np.linspace(x.min(), x.max(), max(_FEWEST_DRAWN, 4 * x.size)), x)
    line = {"type": "scatter", "mode": "lines", "name": name}
    return {**line, "x": _round_values(fine * scale), "y": _round_values(np.asarray(predict(fine)).real)}


def heatmap(name: str, x: ArrayLike, y: ArrayLike, z: ArrayLike) -> Drawn:
    """Return `z`, shape (y, x), as a colour map with gaps where it is not finite."""
    values = np.asarray(z, dtype=np.float64)
    cells = [[float(f"{v:.5g}") if np.isfinite(v) else None for v in row] for row in values.tolist()]
    bar = {"title": {"text": name, "side": "right"}, "thickness": 12, "yanchor": "bottom"}
    return {
        "type": "heatmap",
        "name": name,
        "x": _round_values(x),
        "y": _round_values(y),
        "z": cells,
        "colorscale": "Viridis",
        "colorbar": {**bar, "y": 0.0, "len": 0.5},
    }


def residual_map(measured: Drawn, fitted: ArrayLike, sigma: ArrayLike) -> tuple[Drawn, Drawn]:
    """Return a map and, for the panel below, its residuals in units of `sigma`; all arrays have the same shape."""
    left = (np.asarray(measured["z"], dtype=np.float64) - np.asarray(fitted)) / np.asarray(sigma)
    below = heatmap("Residual (σ)", measured["x"], measured["y"], left)
    colours = {"colorscale": "RdBu", "zmin": -_WIDEST, "zmax": _WIDEST, "yaxis": "y2"}
    places = ({"y": place, "len": _HALF} for place in (_HALF + _GAP, 0.0))
    first, second = (
        {**trace["colorbar"], **place} for trace, place in zip((measured, below), places, strict=True)
    )
    return {**measured, "colorbar": first}, {**below, **colours, "colorbar": second}


def figure(title: str, x_title: str, y_title: str, data: list[Drawn]) -> dict[str, Any]:
    """Assemble a figure, with a panel of residuals if there are fitted points or maps.

    A line belongs to the first points with error bars before it that have no line yet. Their residuals are drawn below
    in units of the error bars; a map comes with its own (`residual_map`).
    """
    pairs = _pair_traces(data)
    for number, (measured, fitted) in enumerate(pairs):
        measured.setdefault("marker", {"color": COLOURS[number % len(COLOURS)], "size": 5})
        colour = _FIT_COLOUR if len(pairs) == 1 else COLOURS[number % len(COLOURS)]
        fitted.setdefault("line", {"color": colour, "width": 1.5})
    layout: dict[str, Any] = {
        "title": {"text": title, "y": 0.98, "yanchor": "top", "font": {"size": 15}},
        "xaxis": {"title": {"text": x_title, "font": {"size": 12}}},
        "yaxis": {"title": {"text": y_title, **_Y_TITLE}, "automargin": True},
        "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"},
        "margin": {"l": 70, "r": 30, "t": 50 + 20 * _count_legend_rows(data), "b": 60},
    }
    if any(trace.get("marker", {}).get("size", _LEGIBLE) < _LEGIBLE for trace in _list_legend_entries(data)):
        layout["legend"]["itemsizing"] = "constant"
    below = [_compute_residuals(measured, fitted) for measured, fitted in pairs]
    if below:
        layout["shapes"] = [_TWO_SIGMA]
        _add_panel(layout, "Residual (σ)", height=_BELOW)
        furthest = max(
            (abs(left) for trace in below for left in trace["y"] if math.isfinite(left)), default=0.0
        )
        shown = _ROOM * max(furthest, _LEAST_SHOWN)
        layout["yaxis2"]["range"] = [-shown, shown]
    elif any("yaxis" in trace for trace in data):
        _add_panel(layout, y_title, height=_HALF)
    fits = {id(fitted): _interrupt_at_gaps(fitted, len(measured["x"])) for measured, fitted in pairs}
    return {"data": [*(fits.get(id(trace), trace) for trace in data), *below], "layout": layout}


def _interrupt_at_gaps(line: Drawn, measured: int) -> Drawn:
    """Interrupt a fitted line at gaps in the data; return a finely drawn line unchanged."""
    x = np.asarray(line["x"])
    steps = np.diff(x)
    if x.size != measured or not steps.size:
        return line
    holes = np.flatnonzero(steps > _HOLE * np.median(steps)) + 1
    broken: dict[str, list[float | None]] = {axis: list(line[axis]) for axis in ("x", "y")}
    for hole in holes[::-1]:
        for values in broken.values():
            values.insert(int(hole), None)
    return {**line, **broken}


def _add_panel(layout: dict[str, Any], title: str, *, height: float) -> None:
    layout["xaxis"]["anchor"] = "y2"
    layout["yaxis"]["domain"] = [height + _GAP, 1.0]
    layout["yaxis2"] = {"title": {"text": title, **_Y_TITLE}, "automargin": True, "domain": [0.0, height]}


def _list_legend_entries(data: list[Drawn]) -> list[Drawn]:
    return [trace for trace in data if trace["type"] == "scatter" and trace.get("showlegend", True)]


def _count_legend_rows(data: list[Drawn]) -> int:
    names = [trace["name"] for trace in _list_legend_entries(data)]
    if len(names) < 2:  # plotly draws none for one
        return 0
    in_a_row = max(1, _LEGEND_WIDTH // (40 + 6 * max(map(len, names))))
    return math.ceil(len(names) / in_a_row)


def _pair_traces(data: list[Drawn]) -> list[tuple[Drawn, Drawn]]:
    waiting: list[Drawn] = []
    found: list[tuple[Drawn, Drawn]] = []
    for trace in data:
        if "error_y" in trace:
            waiting.append(trace)
        elif trace.get("mode") == "lines" and waiting:
            found.append((waiting.pop(0), trace))
    return found


def _compute_residuals(measured: Drawn, fitted: Drawn) -> Drawn:
    """Return the residuals of points from their line, which passes through each x, in units of their errors."""
    y, sigma = np.asarray(measured["y"]), np.asarray(measured["error_y"]["array"])
    left = (y - np.interp(measured["x"], fitted["x"], fitted["y"])) / sigma
    return {
        **scatter(f"Residual, {measured['name']}", measured["x"], left, marker=measured["marker"]),
        "yaxis": "y2",
        "showlegend": False,
    }


def _round_values(values: ArrayLike) -> list[float]:
    """Round values to the digits that a figure can show, as JSON numbers."""
    return [float(f"{value:.9g}") for value in np.asarray(values, dtype=np.float64).tolist()]
