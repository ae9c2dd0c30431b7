"""Marks of the traces of a drawing as SVG paths: points with error bars, lines, bars and maps."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_pictures.plotly_arrays import select_finite, thin_out, to_axis_numbers, to_numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from qdash_pictures.drawing_axis import Axis

    Floats = NDArray[np.float64]

_POINTS_OF_A_LINE, _MARKS, _BARS = 160, 160, 1000
_CELLS_ACROSS, _CELLS_UP, _LEVELS = 60, 40, 10
_BAR = 0.8
"""Width of the bars at one place, as a fraction of the distance of the places."""


def draw_points(
    trace: Mapping[str, Any],
    x: Floats,
    y: Floats,
    axes: tuple[Axis, Axis],
    size: tuple[float, float],
    style: str,
) -> str:
    """Return the points of a trace, and their error bars if there are any."""
    kept = _select_points(x, y, _MARKS)
    across, up = _place(x[kept], y[kept], axes, size)
    marks = "".join(f"M{a:.0f} {b:.0f}h0" for a, b in select_finite(across, up))
    return _draw_error_bars(trace, x, y, kept, axes, size, style) + f'<path class="p {style}" d="{marks}"/>'


def read_errors(trace: Mapping[str, Any], y: Floats) -> tuple[Floats, Floats] | None:
    """Return the lengths of the error bars upwards and downwards, of the shape of y, or None without error bars."""
    bars = trace.get("error_y")
    if not bars or not bars.get("visible", True):
        return None
    if bars.get("array") is None:
        size = bars.get("value")
        if not isinstance(size, int | float):
            return None
        wide = np.abs(y) * size / 100 if bars.get("type") == "percent" else np.full(y.shape, float(size))
        return wide, wide
    upwards = to_numbers(bars["array"])
    downwards = upwards if bars.get("arrayminus") is None else to_numbers(bars["arrayminus"])
    return (upwards, downwards) if upwards.shape == downwards.shape == y.shape else None


def _draw_error_bars(
    trace: Mapping[str, Any],
    x: Floats,
    y: Floats,
    kept: NDArray[np.intp],
    axes: tuple[Axis, Axis],
    size: tuple[float, float],
    style: str,
) -> str:
    """Return the error bars of the drawn points; `y` and the errors of a logarithmic axis are converted here."""
    values = 10.0**y if axes[1].log else y
    errors = read_errors(trace, values)
    if errors is None:
        return ""
    ends = values[kept] + errors[0][kept], values[kept] - errors[1][kept]
    with np.errstate(all="ignore"):
        above, below = (np.log10(end) if axes[1].log else end for end in ends)
    across, top = _place(x[kept], above, axes, size)
    bottom = _place(x[kept], below, axes, size)[1]
    drawn = np.isfinite(across) & np.isfinite(top) & np.isfinite(bottom)
    bars = "".join(
        f"M{a:.0f} {b:.0f}V{c:.0f}"
        for a, b, c in zip(*(one[drawn].tolist() for one in (across, top, bottom)), strict=True)
    )
    return f'<path class="e {style}" d="{bars}"/>' if bars else ""


def draw_line(
    x: Floats,
    y: Floats,
    axes: tuple[Axis, Axis],
    size: tuple[float, float],
    style: str,
    *,
    steps: bool = False,
) -> str:
    """Return the line of a trace, or its steps (first along x), interrupted at values that are not finite."""
    kept = _select_points(x, y, _POINTS_OF_A_LINE)
    across, up = _place(x[kept], y[kept], axes, size)
    parts, begin = [], "M"
    for a, b in zip(across.tolist(), up.tolist(), strict=True):
        if a == a and b == b:
            parts.append(f"H{a:.0f}V{b:.0f}" if steps and begin == "L" else f"{begin}{a:.0f} {b:.0f}")
            begin = "L"
        else:
            begin = "M"
    return f'<path class="f {style}" d="{"".join(parts)}"/>'


def draw_bars(
    x: Floats,
    y: Floats,
    axes: tuple[Axis, Axis],
    size: tuple[float, float],
    style: str,
    *,
    place: tuple[int, int] = (0, 1),
) -> str:
    """Return the bars of a trace from zero; `place` is its index among the traces with bars at the same positions, and the number of these traces.

    Of many bars, the extremes are drawn, one pixel wide.
    """
    steps = np.diff(np.unique(x[np.isfinite(x)]))
    wide = _BAR * (float(steps.min()) if steps.size else 1.0) / place[1]
    if x.size > _BARS:
        wide = max(wide, (axes[0].high - axes[0].low) / size[0])
        kept = _select_points(x, y, _BARS)
        x, y = x[kept], y[kept]
    left = x + wide * (place[0] - place[1] / 2)
    a, top = _place(left, y, axes, size)
    b, zero = _place(left + wide, np.zeros_like(y), axes, size)
    bars = "".join(
        f"M{one:.0f} {foot:.0f}V{head:.0f}H{other:.0f}V{foot:.0f}z"
        for one, other, head, foot in zip(a.tolist(), b.tolist(), top.tolist(), zero.tolist(), strict=True)
        if all(value == value for value in (one, other, head, foot))
    )
    return f'<path class="b {style}" d="{bars}"/>'


def draw_map(
    trace: Mapping[str, Any],
    grid: Floats,
    edges: tuple[Floats, Floats],
    axes: tuple[Axis, Axis],
    size: tuple[float, float],
) -> str:
    """Return the cells of a map, one path for each level; the first row belongs to the first edges of y."""
    rows, columns = (
        max(1, -(-n // most)) for n, most in zip(grid.shape, (_CELLS_UP, _CELLS_ACROSS), strict=True)
    )
    cells = grid[rows // 2 :: rows, columns // 2 :: columns]
    across = _pick_edges(edges[0], columns, cells.shape[1])
    up = _pick_edges(edges[1], rows, cells.shape[0])
    x, _ = _place(across, np.zeros_like(across), axes, size)
    _, y = _place(np.zeros_like(up), up, axes, size)
    low, high = find_limits(trace, grid)
    levels = np.rint(np.clip((cells - low) / ((high - low) or 1.0), 0, 1) * (_LEVELS - 1))
    paths: dict[int, list[str]] = {}
    for row, found in enumerate(np.where(np.isfinite(levels), levels, -1).astype(int)):
        ends = [0, *(np.flatnonzero(np.diff(found)) + 1).tolist(), found.size]
        for begin, end in pairwise(ends):
            if found[begin] >= 0:
                box = f"M{x[begin]:.0f} {y[row]:.0f}H{x[end]:.0f}V{y[row + 1]:.0f}H{x[begin]:.0f}z"
                paths.setdefault(int(found[begin]), []).append(box)
    return "".join(f'<path class="c{level}" d="{"".join(paths[level])}"/>' for level in sorted(paths))


def find_limits(trace: Mapping[str, Any], grid: Floats) -> tuple[float, float]:
    """Return the values at the ends of the colour scale of a map."""
    given = [trace.get(end) for end in ("zmin", "zmax")]
    low, high = (float(one) if isinstance(one, int | float) else None for one in given)
    return (
        float(np.nanmin(grid[np.isfinite(grid)])) if low is None else low,
        float(np.nanmax(grid[np.isfinite(grid)])) if high is None else high,
    )


def has_middle(trace: Mapping[str, Any]) -> bool:
    """Return whether the colour scale of a map has a middle, as for differences."""
    return trace.get("zmid") is not None or str(trace.get("colorscale")) in ("RdBu", "RdBu_r", "PiYG")


def find_edges(values: Any, count: int, *, log: bool) -> Floats:
    """Return the edges of the columns or rows of a map, shape (count + 1,), halfway between their centres."""
    centres = np.arange(count, dtype=np.float64)
    if values is not None:
        found = to_axis_numbers(values, log=log)
        if found.size == count + 1:
            return found
        centres = found if found.size == count and np.isfinite(found).all() else centres
    if count == 1:
        return np.array([centres[0] - 0.5, centres[0] + 0.5])
    middle = (centres[:-1] + centres[1:]) / 2
    return np.concatenate([[2 * centres[0] - middle[0]], middle, [2 * centres[-1] - middle[-1]]])


def _pick_edges(edges: Floats, step: int, count: int) -> Floats:
    """Return the outer edges of groups of `step` cells, shape (count + 1,)."""
    return edges[np.minimum(np.arange(count + 1) * step, edges.size - 1)]


def _select_points(x: Floats, y: Floats, most: int) -> NDArray[np.intp]:
    """Return the indices of the points that are drawn: of a sweep, the extremes of each interval; of a cloud, every n-th point."""
    if x.size <= most:
        return np.arange(x.size)
    steps = np.diff(x[np.isfinite(x)])
    if (steps >= 0).all() or (steps <= 0).all():
        return thin_out(x, y, most)
    return np.arange(0, x.size, -(-x.size // most))


def _place(x: Floats, y: Floats, axes: tuple[Axis, Axis], size: tuple[float, float]) -> tuple[Floats, Floats]:
    """Return the pixels of positions, limited in size; NaN for positions that are not finite."""
    with np.errstate(all="ignore"):
        across = axes[0].place(x) * size[0]
        up = (1.0 - axes[1].place(y)) * size[1]
    return tuple(  # type: ignore[return-value]
        np.where(np.isfinite(one), np.clip(one, -_FARTHEST, _FARTHEST), np.nan) for one in (across, up)
    )


_FARTHEST = 9999.0
"""Largest coordinate in pixels; positions beyond it are drawn there, because renderers draw larger coordinates wrongly."""
