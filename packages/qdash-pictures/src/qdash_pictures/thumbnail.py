"""Thumbnail of a figure as SVG: the traces of its first axes, thinned out, with classes instead of colours.

It holds numbers and fixed tags only. `p` is measured points (`p1` and `p2` those of further series), `f` lines, `g`
dashed lines such as an ideal or a threshold, `b` bars, `c0` to `c9` the cells of a map from its least to its greatest
value: the page says what they look like. Points are strokes of no length, which a round `stroke-linecap` makes visible.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_pictures.plotly_arrays import select_finite, thin_out, to_axis_numbers, to_grid, to_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WIDTH, HEIGHT = 120, 80
_MARGIN = 3
_POINTS_OF_A_LINE, _MARKS, _MOST_SERIES = 60, 80, 2
_CELLS_ACROSS, _CELLS_UP, _LEVELS = 36, 24, 10
_SCATTER = ("scatter", "scattergl")


@dataclass(frozen=True, slots=True)
class _Extent:
    """Least value of an axis and its span."""

    least: float
    span: float

    @classmethod
    def around(cls, values: list[Floats]) -> _Extent:
        """Return the extent of all finite values."""
        every = np.concatenate(values)
        every = every[np.isfinite(every)]
        return cls(float(every.min()), float(np.ptp(every)) or 1.0)

    def widen(self, span: float) -> _Extent:
        """Return an extent with another span around the same middle."""
        return _Extent(self.least - (span - self.span) / 2, span)


def draw_svg(figure: Mapping[str, Any]) -> str | None:
    """Return the thumbnail of Plotly JSON, or None if its first axes hold nothing that can be drawn.

    Drawn are heat maps, or else points, lines and bars, on linear and logarithmic axes. The vertical axis shows at
    least its range in the layout; a circle stays one if `scaleanchor` says so. Raises TypeError or ValueError if a
    trace is not what Plotly takes.
    """
    first = [one for one in figure.get("data", ()) if _is_on_first_axes(one)]
    maps = [one for one in first if one.get("type") == "heatmap"]
    layout = figure.get("layout") or {}
    if maps:
        parts = _draw_map(maps[0]["z"])
    else:
        parts = _draw_traces(first, layout)
    if not parts:
        return None
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">{"".join(parts)}</svg>'


def _is_on_first_axes(trace: Mapping[str, Any]) -> bool:
    return trace.get("xaxis") in (None, "x") and trace.get("yaxis") in (None, "y")


def _is_log(layout: Mapping[str, Any], axis: str) -> bool:
    return (layout.get(f"{axis}axis") or {}).get("type") == "log"


def _draw_traces(traces: Iterable[Mapping[str, Any]], layout: Mapping[str, Any]) -> list[str]:
    log_x, log_y = _is_log(layout, "x"), _is_log(layout, "y")
    drawn = [
        (one, to_axis_numbers(one.get("x"), log=log_x, like=one["y"]), to_axis_numbers(one["y"], log=log_y))
        for one in traces
        if one.get("type", "scatter") in (*_SCATTER, "bar") and one.get("y") is not None
    ]
    drawn = [(one, x, y) for one, x, y in drawn if (np.isfinite(x) & np.isfinite(y)).any()]
    if not drawn:
        return []
    across = _Extent.around([x for _, x, _ in drawn])
    up = _Extent.around([*(y for _, _, y in drawn), *_list_shown(layout, drawn, log=log_y)])
    if _is_equally_scaled(layout):
        across, up = _scale_equally(across, up)
    to_x = _make_axis_scale(across, _MARGIN, WIDTH - _MARGIN)
    to_y = _make_axis_scale(up, HEIGHT - _MARGIN, _MARGIN)
    zero = float(to_y(np.zeros(1))[0])
    marks = 0
    parts = []
    for one, x, y in drawn:
        parts.append(_draw_trace(one, to_x(x), to_y(y), zero, series=min(marks, _MOST_SERIES)))
        marks += _is_marks(one)
    return parts


def _list_shown(
    layout: Mapping[str, Any], drawn: Iterable[tuple[Mapping[str, Any], Floats, Floats]], *, log: bool
) -> list[Floats]:
    """Return values that the vertical axis shows besides those of the traces: the foot of bars, and its range."""
    found = [np.zeros(1)] if any(one.get("type") == "bar" for one, _, _ in drawn) else []
    shown = (layout.get("yaxis") or {}).get("range")
    return found if log or not shown else [*found, to_numbers(shown)]


def _is_equally_scaled(layout: Mapping[str, Any]) -> bool:
    anchors = ((layout.get(f"{one}axis") or {}).get("scaleanchor") for one in "xy")
    return any(one in ("x", "y") for one in anchors)


def _is_marks(trace: Mapping[str, Any]) -> bool:
    return trace.get("type") != "bar" and "lines" not in str(trace.get("mode", "lines"))


def _draw_trace(trace: Mapping[str, Any], x: Floats, y: Floats, zero: float, *, series: int) -> str:
    if trace.get("type") == "bar":
        bars = (f"M{a:.1f} {zero:.1f}V{b:.1f}" for a, b in select_finite(x, y))
        return f'<path class="b" d="{"".join(bars)}"/>'
    if not _is_marks(trace):
        kind = "g" if (trace.get("line") or {}).get("dash", "solid") != "solid" else "f"
        return f'<path class="{kind}" d="{_draw_line(*_take(x, y, _POINTS_OF_A_LINE))}"/>'
    marks = (f"M{a:.1f} {b:.1f}h0" for a, b in select_finite(*_take(x, y, _MARKS)))
    kind = f"p p{series}" if series else "p"
    return f'<path class="{kind}" d="{"".join(marks)}"/>'


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


def _scale_equally(across: _Extent, up: _Extent) -> tuple[_Extent, _Extent]:
    """Return extents with the same length of a unit on both axes."""
    unit = max(across.span / (WIDTH - 2 * _MARGIN), up.span / (HEIGHT - 2 * _MARGIN))
    return across.widen(unit * (WIDTH - 2 * _MARGIN)), up.widen(unit * (HEIGHT - 2 * _MARGIN))


def _make_axis_scale(extent: _Extent, begin: float, end: float) -> Callable[[Floats], Floats]:
    """Return a function from values of an axis to positions in the picture."""
    return lambda found: (
        begin + (np.where(np.isfinite(found), found, np.nan) - extent.least) / extent.span * (end - begin)
    )
