"""A Plotly figure of points with error bars, lines and maps as a small SVG, by hand: the same on every machine.

Of `make_pictures.py` and `make_analysis.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_WIDTH, _HEIGHT = 640, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 76, 20, 44, 56
_TICKS = 6
_INK = "#30343b"
_POINTS = ("#3465a4", "#5c9a3a", "#8a5aa8")
_CURVES = ("#c4501b", "#2f6b1d", "#5b2a7a")
_SHADES = (
    "#f3efe4",
    "#dfe3dd",
    "#c5d3d8",
    "#a8c1d2",
    "#8aacc9",
    "#6c95bd",
    "#517dae",
    "#3c659b",
    "#2b4d83",
    "#1d3767",
)


def svg_of(figure: dict[str, Any]) -> str:
    """Return a figure as SVG: what is drawn on its main axes, a map below everything."""
    layout = figure["layout"]
    traces = [trace for trace in figure["data"] if "yaxis" not in trace]  # those of the main panel
    x_axis = _Axis([x for trace in traces for x in _reach(trace, "x")], _LEFT, _WIDTH - _RIGHT)
    y_axis = _Axis([y for trace in traces for y in _reach(trace, "y")], _HEIGHT - _BOTTOM, _TOP)
    maps = [trace for trace in traces if trace.get("type") == "heatmap"]
    others = [trace for trace in traces if trace not in maps]
    lines = [trace for trace in others if trace["mode"] == "lines"]
    points = [trace for trace in others if trace not in lines]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="13">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        *(part for trace in maps for part in _map(trace, x_axis, y_axis)),
        *_frame(layout, x_axis, y_axis),
    ]
    for trace in others:
        place = (lines if trace in lines else points).index(trace)
        parts += _trace(trace, x_axis, y_axis, (_CURVES if trace in lines else _POINTS)[place % 3])
    return "\n".join([*parts, "</svg>"]) + "\n"


def _reach(trace: dict[str, Any], axis: str) -> list[float]:
    """Return what of an axis a trace covers: of a map whole cells."""
    places: list[float] = trace[axis]
    if trace.get("type") != "heatmap":
        return places
    half = (places[1] - places[0]) / 2
    return [places[0] - half, places[-1] + half]


def _map(trace: dict[str, Any], x_axis: _Axis, y_axis: _Axis) -> list[str]:
    """Return the cells of a map, one path for each shade."""
    values = [value for row in trace["z"] for value in row]
    low, span = min(values), (max(values) - min(values)) or 1.0
    wide, high = (
        abs(axis(places[1]) - axis(places[0]))
        for axis, places in ((x_axis, trace["x"]), (y_axis, trace["y"]))
    )
    cells: dict[int, list[str]] = {}
    for y, row in zip(trace["y"], trace["z"], strict=True):
        for x, value in zip(trace["x"], row, strict=True):
            shade = min(int((value - low) / span * len(_SHADES)), len(_SHADES) - 1)
            corner = f"M{x_axis(x) - wide / 2:.1f} {y_axis(y) - high / 2:.1f}"
            cells.setdefault(shade, []).append(f"{corner}h{wide:.1f}v{high:.1f}h-{wide:.1f}z")
    return [f'<path d="{"".join(path)}" fill="{_SHADES[shade]}"/>' for shade, path in sorted(cells.items())]


class _Axis:
    """From values to places along one side of the picture."""

    def __init__(self, values: list[float], begin: float, end: float) -> None:
        margin = 0.04 * (max(values) - min(values)) or 1.0
        self.low, self.high = min(values) - margin, max(values) + margin
        self.begin, self.end = begin, end

    def __call__(self, value: float) -> float:
        return self.begin + (value - self.low) / (self.high - self.low) * (self.end - self.begin)

    def ticks(self) -> list[float]:
        rough = (self.high - self.low) / _TICKS
        power = 10.0 ** len(str(int(rough))) / 10 if rough >= 1 else 10.0 ** -len(f"{1 / rough:.0f}")
        step = min((power * factor for factor in (1, 2, 5, 10, 20, 50)), key=lambda step: abs(step - rough))
        first = int(self.low // step) + 1
        return [number * step for number in range(first, int(self.high // step) + 1)]


def _frame(layout: dict[str, Any], x_axis: _Axis, y_axis: _Axis) -> list[str]:
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    parts = [
        f'<path d="M{_LEFT} {_TOP}V{bottom}H{right}" fill="none" stroke="{_INK}"/>',
        _text(_WIDTH / 2, 26, layout["title"]["text"], size=15),
        _text((_LEFT + right) / 2, _HEIGHT - 14, layout["xaxis"]["title"]["text"]),
        f'<g transform="translate(18 {(_TOP + bottom) / 2}) rotate(-90)">{_text(0, 0, layout["yaxis"]["title"]["text"])}</g>',
    ]
    for tick in x_axis.ticks():
        parts.append(f'<path d="M{x_axis(tick):.1f} {bottom}v5" stroke="{_INK}"/>')
        parts.append(_text(x_axis(tick), bottom + 20, f"{tick:.6g}"))
    for tick in y_axis.ticks():
        parts.append(f'<path d="M{_LEFT} {y_axis(tick):.1f}h-5" stroke="{_INK}"/>')
        parts.append(_text(_LEFT - 9, y_axis(tick) + 4, f"{tick:.6g}", anchor="end"))
    return parts


def _trace(trace: dict[str, Any], x_axis: _Axis, y_axis: _Axis, colour: str) -> list[str]:
    places = [(x_axis(x), y_axis(y)) for x, y in zip(trace["x"], trace["y"], strict=True)]
    if trace["mode"] == "lines":
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        return [f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>']
    bars = trace.get("error_y", {}).get("array", [None] * len(places))
    parts = []
    for (x, y), value, bar in zip(places, trace["y"], bars, strict=True):
        if bar is not None:
            ends = f"M{x:.1f} {y_axis(value - bar):.1f}V{y_axis(value + bar):.1f}"
            parts.append(f'<path d="{ends}" stroke="{colour}"/>')
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>')
    return parts


def _text(x: float, y: float, text: str, *, size: int = 13, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{_INK}">{escape(text)}</text>'


# ------------------------------------------------------------------------------------------- figures that are put together


def figure(title: str, x: str, y: str, *traces: dict[str, Any]) -> dict[str, Any]:
    """Return a figure with the names of its axes."""
    axes = {"xaxis": {"title": {"text": x}}, "yaxis": {"title": {"text": y}}}
    return {"data": list(traces), "layout": {"title": {"text": title}, **axes}}


def points(x: ArrayLike, y: ArrayLike, sigma: ArrayLike | None = None) -> dict[str, Any]:
    """Return measured points, with error bars where their noise is known."""
    trace = {"mode": "markers", "x": _numbers(x), "y": _numbers(y)}
    if sigma is None:
        return trace
    return {**trace, "error_y": {"array": np.broadcast_to(np.asarray(sigma), len(trace["x"])).tolist()}}


def line(x: ArrayLike, y: ArrayLike) -> dict[str, Any]:
    """Return a curve."""
    return {"mode": "lines", "x": _numbers(x), "y": _numbers(y)}


def heatmap(x: ArrayLike, y: ArrayLike, z: ArrayLike) -> dict[str, Any]:
    """Return a map, z of shape (y, x), over even axes."""
    return {"type": "heatmap", "x": _numbers(x), "y": _numbers(y), "z": np.asarray(z).tolist()}


def _numbers(values: ArrayLike) -> list[float]:
    return [float(value) for value in np.asarray(values).ravel()]
