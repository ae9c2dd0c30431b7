"""Panels of a drawing: the traces on one pair of axes, with frame, ticks and titles."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_pictures.drawing_axis import Axis, make_axis
from qdash_pictures.drawing_frame import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Box,
    Panel,
    draw_axes,
    draw_scale,
    draw_shapes,
)
from qdash_pictures.drawing_marks import (
    draw_bars,
    draw_line,
    draw_map,
    draw_points,
    find_edges,
    has_middle,
    read_errors,
)
from qdash_pictures.plotly_arrays import to_axis_numbers, to_grid

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Styles = Mapping[int, str]

_SCALE = 110
"""Width of the colour scale of a map, beside it."""
_SCATTER = ("scatter", "scattergl")
_MAPS = ("heatmap", "contour")


@dataclass(frozen=True, slots=True)
class _Placed:
    """Trace with positions on its axes; of a map, the edges of its cells and its values."""

    trace: Mapping[str, Any]
    x: Floats
    y: Floats
    grid: Floats | None = None


def find_panels(traces: Sequence[Mapping[str, Any]], layout: Mapping[str, Any]) -> list[Panel]:
    """Return the panels of a figure, in the order of their first traces."""
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for trace in traces:
        names = tuple(f"{letter}axis{str(trace.get(f'{letter}axis') or letter)[1:]}" for letter in ("x", "y"))
        found.setdefault((names[0], names[1]), []).append(trace)
    return [Panel(x, y, some) for (x, y), some in found.items() if isinstance(layout.get(x) or {}, dict)]


def draw_panels(panels: Sequence[Panel], layout: Mapping[str, Any], styles: Styles) -> list[str]:
    """Return the parts of all panels; those on the same horizontal axis have one range."""
    placed = [_place_traces(panel, layout) for panel in panels]
    ends: dict[str, list[Floats]] = {}
    for panel, traces in zip(panels, placed, strict=True):
        ends.setdefault(panel.x_name, []).extend(_find_ends(one.x) for one in traces)
    return [
        part
        for panel, traces in zip(panels, placed, strict=True)
        for part in _draw_panel(panel, panels, layout, styles, traces, ends[panel.x_name])
    ]


def _place_traces(panel: Panel, layout: Mapping[str, Any]) -> list[_Placed]:
    x_layout, y_layout = layout.get(panel.x_name) or {}, layout.get(panel.y_name) or {}
    logs = x_layout.get("type") == "log", y_layout.get("type") == "log"
    return [one for trace in panel.traces if (one := _place_trace(trace, x_layout, logs)) is not None]


def _find_ends(positions: Floats) -> Floats:
    """Return the least and the greatest finite position, or an empty array without any."""
    finite = positions[np.isfinite(positions)]
    return np.array([finite.min(), finite.max()]) if finite.size else finite


def _draw_panel(
    panel: Panel,
    panels: Sequence[Panel],
    layout: Mapping[str, Any],
    styles: Styles,
    placed: Sequence[_Placed],
    ends: Sequence[Floats],
) -> list[str]:
    """Return the parts of a panel, none if no trace of it can be drawn; `ends` are those of all traces on its horizontal axis."""
    x_layout, y_layout = layout.get(panel.x_name) or {}, layout.get(panel.y_name) or {}
    has_map = any(one.grid is not None for one in placed)
    names = _list_names(panel.traces, x_layout)
    across = make_axis(x_layout, ends, names=names, margin=not has_map)
    heights = _list_heights(placed, log=y_layout.get("type") == "log")
    upwards = make_axis(y_layout, heights, margin=not has_map)
    if across is None or upwards is None:
        return []
    box = _find_box(panel, layout, has_map=has_map)
    if y_layout.get("scaleanchor"):
        across, upwards = _scale_equally(across, upwards, box)
    axes, size = (across, upwards), (box.width, box.height)
    marks = [*draw_shapes(panel, layout, axes, size), *_draw_marks(placed, axes, size, styles)]
    inner = (
        f'<svg x="{box.left:.0f}" y="{box.top:.0f}" width="{box.width:.0f}" height="{box.height:.0f}">'
        f"{''.join(marks)}</svg>"
    )
    scale = [
        draw_scale(one.trace, one.grid, box)
        for one in placed
        if one.grid is not None and one.trace.get("showscale", True)
    ]
    return [inner, *draw_axes(panel, panels, layout, axes, box), *scale[:1]]


def _place_trace(
    trace: Mapping[str, Any], x_layout: Mapping[str, Any], logs: tuple[bool, bool]
) -> _Placed | None:
    kind = trace.get("type", "scatter")
    if kind in _MAPS and trace.get("z") is not None:
        grid = to_grid(trace["z"])
        if not np.isfinite(grid).any():
            return None
        x_edges, y_edges = (
            find_edges(trace.get(name), count, log=log)
            for name, count, log in zip("xy", grid.shape[::-1], logs, strict=True)
        )
        return _Placed(trace, x_edges, y_edges, grid)
    if kind not in (*_SCATTER, "bar") or trace.get("y") is None:
        return None
    y = to_axis_numbers(trace["y"], log=logs[1])
    x = (
        np.arange(y.size, dtype=np.float64)
        if _has_names(trace, x_layout)
        else to_axis_numbers(trace.get("x"), log=logs[0], like=trace["y"])
    )
    if x.shape != y.shape or y.ndim != 1 or not (np.isfinite(x) & np.isfinite(y)).any():
        return None
    return _Placed(trace, x, y)


def _has_names(trace: Mapping[str, Any], x_layout: Mapping[str, Any]) -> bool:
    x = trace.get("x")
    return (
        isinstance(x, list)
        and bool(x)
        and isinstance(x[0], str)
        and x_layout.get("type") not in ("linear", "log")
    )


def _list_names(traces: Sequence[Mapping[str, Any]], x_layout: Mapping[str, Any]) -> list[str]:
    named = [one["x"] for one in traces if _has_names(one, x_layout)]
    return [str(one) for one in max(named, key=len, default=[])]


def _list_heights(placed: Sequence[_Placed], *, log: bool) -> Iterator[Floats]:
    """Yield the positions that a vertical axis shows: values, ends of error bars, and the foot of bars."""
    for one in placed:
        yield one.y
        if one.trace.get("type") == "bar":
            yield np.zeros(1)
        elif one.grid is None and not log and (errors := read_errors(one.trace, one.y)) is not None:
            yield one.y + errors[0]
            yield one.y - errors[1]


def _find_box(panel: Panel, layout: Mapping[str, Any], *, has_map: bool) -> Box:
    """Return the place of a panel by the domains of its axes."""
    wide, high = WIDTH - LEFT - RIGHT - (_SCALE if has_map else 0), HEIGHT - TOP - BOTTOM
    (left, right), (bottom, top) = (_read_domain(layout, name) for name in (panel.x_name, panel.y_name))
    return Box(LEFT + left * wide, TOP + (1 - top) * high, (right - left) * wide, (top - bottom) * high)


def _read_domain(layout: Mapping[str, Any], name: str) -> tuple[float, float]:
    axis = layout.get(name) or {}
    if "domain" not in axis and axis.get("overlaying"):
        axis = layout.get(f"{name[0]}axis{str(axis['overlaying'])[1:]}") or {}
    low, high = map(float, axis.get("domain") or (0.0, 1.0))
    return (low, high) if 0 <= low < high <= 1 else (0.0, 1.0)


def _scale_equally(across: Axis, upwards: Axis, box: Box) -> tuple[Axis, Axis]:
    """Return the axes with one unit of the same length on both."""
    unit = max((across.high - across.low) / box.width, (upwards.high - upwards.low) / box.height)
    found = []
    for axis, length in ((across, box.width), (upwards, box.height)):
        middle, half = (axis.low + axis.high) / 2, unit * length / 2
        found.append(replace(axis, low=middle - half, high=middle + half))
    return found[0], found[1]


def _draw_marks(
    placed: Sequence[_Placed], axes: tuple[Axis, Axis], size: tuple[float, float], styles: Styles
) -> Iterator[str]:
    bars = [id(one) for one in placed if one.trace.get("type") == "bar"]
    places = {one: place for place, one in enumerate(bars)}
    for one in placed:
        trace, style = one.trace, styles[id(one.trace)]
        if one.grid is not None:
            cells = draw_map(trace, one.grid, (one.x, one.y), axes, size)
            yield f'<g class="d">{cells}</g>' if has_middle(trace) else cells
        elif trace.get("type") == "bar":
            yield draw_bars(one.x, one.y, axes, size, style, place=(places[id(one)], len(bars)))
        else:
            mode = str(trace.get("mode", "lines"))
            if "lines" in mode:
                steps = (trace.get("line") or {}).get("shape") == "hv"
                yield draw_line(one.x, one.y, axes, size, style, steps=steps)
            if "markers" in mode:
                yield draw_points(trace, one.x, one.y, axes, size, style)
