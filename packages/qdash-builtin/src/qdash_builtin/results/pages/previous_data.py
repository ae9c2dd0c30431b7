"""Data of an earlier result, faint behind those of a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_builtin.results.figure_axes import get_axis_title

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qdash_builtin.results.pages.paired_axes import Figure

_POINTS = ("scatter", "scattergl")
_FAINT: dict[str, Any] = {"color": "#787c82", "opacity": 0.45, "line": {"width": 0}}
_LARGEST = 6


def draw_behind(figure: Figure, previous: Figure) -> Figure:
    """Return a figure with the measured points of an earlier one, faint and behind its own.

    Points are drawn on axes that both figures have with the same titles, but not on those of residuals, and only in the
    range of the figure's own x values, so that a longer sweep does not squeeze the new data. A figure with a map, and one
    without such points, is returned unchanged.
    """
    if any(one.get("type", "scatter") not in (*_POINTS, "bar") for one in figure["data"]):
        return figure
    faint = [
        _make_faint(one, ends)
        for one in previous["data"]
        if _has_points(one)
        and _is_shared(one, figure["layout"], previous["layout"])
        and (ends := _find_ends(one.get("xaxis"), figure["data"])) is not None
    ]
    return {**figure, "data": [*figure["data"], *faint]} if faint else figure


def _has_points(trace: Mapping[str, Any]) -> bool:
    return trace.get("type", "scatter") in _POINTS and "markers" in str(trace.get("mode", ""))


def _is_shared(trace: Mapping[str, Any], layout: Mapping[str, Any], previous: Mapping[str, Any]) -> bool:
    for letter in ("x", "y"):
        name = f"{letter}axis{str(trace.get(f'{letter}axis') or letter)[1:]}"
        title, earlier = (get_axis_title(one.get(name) or {}) for one in (layout, previous))
        if title != earlier or "Residual" in str(title):
            return False
    return True


def _find_ends(axis: str | None, traces: Iterable[Mapping[str, Any]]) -> tuple[float, float] | None:
    """Return the least and greatest x of the points on an axis, or None if they are no numbers."""
    found = [x for one in traces if _has_points(one) and one.get("xaxis") == axis for x in one.get("x") or ()]
    known = [x for x in found if isinstance(x, (int, float))]
    return (min(known), max(known)) if known and len(known) == len(found) else None


def _make_faint(trace: Mapping[str, Any], ends: tuple[float, float]) -> dict[str, Any]:
    """Return the points of a trace between two x without error bars, colours and legend."""
    size = (trace.get("marker") or {}).get("size", _LARGEST)
    kept = {name: trace[name] for name in ("xaxis", "yaxis") if name in trace}
    inside = [
        (x, y)
        for x, y in zip(trace.get("x") or (), trace.get("y") or (), strict=False)
        if isinstance(x, (int, float)) and ends[0] <= x <= ends[1]
    ]
    return {
        **kept,
        "x": [x for x, _ in inside],
        "y": [y for _, y in inside],
        "type": "scatter",
        "mode": "markers",
        "name": f"Previous: {trace.get('name', 'data')}",
        "marker": {**_FAINT, "size": size if isinstance(size, (int, float)) else _LARGEST},
        "showlegend": False,
        "zorder": -1,
    }
