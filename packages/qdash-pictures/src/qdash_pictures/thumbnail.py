"""Thumbnail of a figure as SVG: the traces of its first axes, thinned out, with classes instead of colours.

It holds numbers and fixed tags only, no text of anybody. `p` is measured points, `f` lines, `b` bars, `c0` to `c9` the
cells of a map from its least to its greatest value: the page that shows it says what they look like. Points are strokes
of no length, which a round `stroke-linecap` makes visible.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core.parsing.numpy_archives import make_array

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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
        (one, _to_axis_numbers(one.get("x"), log=log_x, like=one["y"]), _to_axis_numbers(one["y"], log=log_y))
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
        bars = (f"M{a:.1f} {zero:.1f}V{b:.1f}" for a, b in _select_finite(x, y))
        return f'<path class="b" d="{"".join(bars)}"/>'
    if "lines" in str(trace.get("mode", "lines")):
        return f'<path class="f" d="{_draw_line(*_thin_out(x, y, _POINTS_OF_A_LINE))}"/>'
    marks = (f"M{a:.1f} {b:.1f}h0" for a, b in _select_finite(*_thin_out(x, y, _MARKS)))
    return f'<path class="p" d="{"".join(marks)}"/>'


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


def _select_finite(x: Floats, y: Floats) -> Iterable[tuple[float, float]]:
    kept = np.isfinite(x) & np.isfinite(y)
    return zip(x[kept].tolist(), y[kept].tolist(), strict=True)


def _thin_out(x: Floats, y: Floats, most: int) -> tuple[Floats, Floats]:
    """Return a limited number of points: the lowest and highest of each interval, so that a narrow peak
    stays.
    """
    if x.size <= most:
        return x, y
    stretches = most // 2
    length = -(-x.size // stretches)
    padded = np.pad(y, (0, stretches * length - x.size), constant_values=np.nan).reshape(stretches, length)
    begins = np.arange(stretches) * length
    lowest = begins + np.where(np.isfinite(padded), padded, np.inf).argmin(axis=1)
    highest = begins + np.where(np.isfinite(padded), padded, -np.inf).argmax(axis=1)
    kept = np.unique(np.concatenate([lowest, highest]))
    kept = kept[kept < x.size]
    return x[kept], y[kept]


def _draw_map(rows: Any) -> list[str]:
    """Return the cells of a map, one path for each level; the first row is at the bottom."""
    values = np.array([_to_numbers(row) for row in rows])
    if values.ndim != 2 or not np.isfinite(values).any():
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


def _to_axis_numbers(values: Any, *, log: bool, like: Any = None) -> Floats:
    """Return positions along an axis; names and times are placed one after another, as are absent values."""
    if values is None:
        return np.arange(_to_numbers(like).size, dtype=np.float64)
    try:
        numbers = _to_numbers(values)
    except ValueError:
        return np.arange(len(values), dtype=np.float64)
    with np.errstate(all="ignore"):
        return np.log10(numbers) if log else numbers


def _to_numbers(values: Any) -> Floats:
    if isinstance(values, Mapping):  # as Plotly 6 writes arrays
        return make_array(b64decode(values["bdata"]), values["dtype"]).astype(np.float64)
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
