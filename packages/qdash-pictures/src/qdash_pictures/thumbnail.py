"""Thumbnail of a figure as SVG: the traces of its first axes, thinned out, with classes instead of colours.

It holds numbers and fixed tags only, no text of anybody. `p` is measured points, `f` lines, `b` bars, `c0` to `c9` the
cells of a map from its least to its greatest value: the page that shows it says what they look like. Points are strokes
of no length, which a round `stroke-linecap` makes visible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_pictures.plotly_arrays import select_finite, thin_out, to_axis_numbers, to_grid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WIDTH, HEIGHT = 120, 80
_MARGIN = 3
_POINTS_OF_A_LINE, _MARKS = 60, 80
_CELLS_ACROSS, _CELLS_UP, _LEVELS = 36, 24, 10
_SCATTER = ("scatter", "scattergl")


def draw_svg(figure: Mapping[str, Any]) -> str | None:
    """Return the thumbnail of Plotly JSON, or None if its first axes hold nothing that can be drawn.

    Parameters
    ----------
    figure : mapping
        `data` and `layout`. Drawn are heat maps, or else points, lines and bars, on linear and logarithmic axes.

    Raises
    ------
    TypeError, ValueError
        If a trace is not what Plotly takes.
    """
    first = [one for one in figure.get("data", ()) if _is_on_first_axes(one)]
    maps = [one for one in first if one.get("type") == "heatmap"]
    layout = figure.get("layout") or {}
    if maps:
        parts = _draw_map(maps[0]["z"])
    else:
        parts = _draw_traces(first, log_x=_is_log(layout, "x"), log_y=_is_log(layout, "y"))
    if not parts:
        return None
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">{"".join(parts)}</svg>'


def _is_on_first_axes(trace: Mapping[str, Any]) -> bool:
    return trace.get("xaxis") in (None, "x") and trace.get("yaxis") in (None, "y")


def _is_log(layout: Mapping[str, Any], axis: str) -> bool:
    return (layout.get(f"{axis}axis") or {}).get("type") == "log"


def _draw_traces(traces: Iterable[Mapping[str, Any]], *, log_x: bool, log_y: bool) -> list[str]:
    drawn = [
        (one, to_axis_numbers(one.get("x"), log=log_x, like=one["y"]), to_axis_numbers(one["y"], log=log_y))
        for one in traces
        if one.get("type", "scatter") in (*_SCATTER, "bar") and one.get("y") is not None
    ]
    drawn = [(one, x, y) for one, x, y in drawn if (np.isfinite(x) & np.isfinite(y)).any()]
    if not drawn:
        return []
    has_bars = any(one.get("type") == "bar" for one, _, _ in drawn)
    across = _make_axis_scale([x for _, x, _ in drawn], _MARGIN, WIDTH - _MARGIN)
    upwards = _make_axis_scale([y for _, _, y in drawn], HEIGHT - _MARGIN, _MARGIN, from_zero=has_bars)
    return [_draw_trace(one, across(x), upwards(y), float(upwards(np.zeros(1))[0])) for one, x, y in drawn]


def _draw_trace(trace: Mapping[str, Any], x: Floats, y: Floats, zero: float) -> str:
    if trace.get("type") == "bar":
        bars = (f"M{a:.1f} {zero:.1f}V{b:.1f}" for a, b in select_finite(x, y))
        return f'<path class="b" d="{"".join(bars)}"/>'
    if "lines" in str(trace.get("mode", "lines")):
        return f'<path class="f" d="{_draw_line(*_take(x, y, _POINTS_OF_A_LINE))}"/>'
    marks = (f"M{a:.1f} {b:.1f}h0" for a, b in select_finite(*_take(x, y, _MARKS)))
    return f'<path class="p" d="{"".join(marks)}"/>'


def _take(x: Floats, y: Floats, most: int) -> tuple[Floats, Floats]:
    kept = thin_out(x, y, most)
    return x[kept], y[kept]


def _draw_line(x: Floats, y: Floats) -> str:
    """Return the path of a line, interrupted at values that are not finite."""
    parts, begin = [], "M"
    for a, b in zip(x.tolist(), y.tolist(), strict=True):
        if a == a and b == b:
            parts.append(f"{begin}{a:.1f} {b:.1f}")
            begin = "L"
        else:
            begin = "M"
    return "".join(parts)


def _draw_map(rows: Any) -> list[str]:
    """Return the cells of a map, one path for each level; the first row is at the bottom."""
    values = to_grid(rows)
    if not np.isfinite(values).any():
        return []
    values = values[:: -(-values.shape[0] // _CELLS_UP), :: -(-values.shape[1] // _CELLS_ACROSS)]
    least, most = np.nanmin(values), np.nanmax(values)
    levels = (values - least) / ((most - least) or 1.0) * (_LEVELS - 1)
    wide, high = WIDTH / values.shape[1], HEIGHT / values.shape[0]
    parts = []
    for level in range(_LEVELS):
        up, across = np.nonzero(np.rint(levels) == level)
        if up.size:
            cells = (
                f"M{column * wide:.1f} {HEIGHT - (row + 1) * high:.1f}h{wide:.1f}v{high:.1f}h-{wide:.1f}z"
                for row, column in zip(up.tolist(), across.tolist(), strict=True)
            )
            parts.append(f'<path class="c{level}" d="{"".join(cells)}"/>')
    return parts


def _make_axis_scale(
    values: list[Floats], begin: float, end: float, *, from_zero: bool = False
) -> Callable[[Floats], Floats]:
    """Return a function from values of an axis to positions in the picture."""
    every = np.concatenate([*values, np.zeros(1 if from_zero else 0)])
    every = every[np.isfinite(every)]
    least, span = float(every.min()), float(np.ptp(every)) or 1.0
    return lambda found: begin + (np.where(np.isfinite(found), found, np.nan) - least) / span * (end - begin)
