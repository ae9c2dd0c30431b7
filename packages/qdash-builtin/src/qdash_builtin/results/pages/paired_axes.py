"""Equal ranges of the axes of two figures beside each other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from qdash_builtin.results.figure_axes import get_axis_title

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Figure = dict[str, Any]
"""Figure of Plotly: `data` and `layout`."""
_TRACES = ("scatter", "scattergl", "bar")
_MARGIN = 0.04
"""Part of a range that is free on each side of the data."""


def align_axes(first: Figure, second: Figure) -> tuple[Figure, Figure]:
    """Return two figures with the same range on each axis that both have with the same title.

    An axis keeps its own range if its data are no finite numbers, or if it has a fixed range or a logarithmic scale. So do the axes of figures with
    other traces than points, lines and bars.
    """
    figures = (first, second)
    if any(trace.get("type", "scatter") not in _TRACES for figure in figures for trace in figure["data"]):
        return figures
    ranges = {
        name: found
        for name in _list_axes(first["layout"])
        if (found := _find_shared_range(name, figures)) is not None
    }
    return _set_ranges(first, ranges), _set_ranges(second, ranges)


def _list_axes(layout: Mapping[str, Any]) -> list[str]:
    return [name for name in layout if name.startswith(("xaxis", "yaxis"))]


def _find_shared_range(name: str, figures: Sequence[Figure]) -> list[float] | None:
    axes = [figure["layout"].get(name) for figure in figures]
    if None in axes or get_axis_title(axes[0]) != get_axis_title(axes[1]):
        return None
    if any("range" in axis or axis.get("type") in ("log", "category", "date") for axis in axes):
        return None
    values: list[float] = []
    for figure in figures:
        found = list(_iter_values(name, figure["data"]))
        if not found or not all(map(_is_finite, found)):
            return None
        values += found
    low, high = min(values), max(values)
    margin = _MARGIN * (high - low) or _MARGIN * (abs(low) or 1.0)
    return [low - margin, high + margin]


def _iter_values(name: str, traces: Iterable[Mapping[str, Any]]) -> Iterator[Any]:
    """Yield the values on an axis, with the ends of error bars and the origin of bars; missing ones are skipped."""
    letter, number = name[0], name[len("xaxis") :]
    for trace in traces:
        if trace.get(f"{letter}axis", letter) != f"{letter}{number}":
            continue
        values = trace.get(letter) or ()
        if letter == "y" and trace.get("type") == "bar":
            yield 0.0
        errors = (trace.get(f"error_{letter}") or {}).get("array") or ()
        for place, value in enumerate(values):
            if value is None:
                continue
            error = errors[place] if place < len(errors) else None
            yield value
            if error is not None and _is_finite(value) and _is_finite(error):
                yield value - error
                yield value + error


def _is_finite(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _set_ranges(figure: Figure, ranges: Mapping[str, list[float]]) -> Figure:
    layout = figure["layout"]
    changed = {name: {**layout[name], "range": found} for name, found in ranges.items()}
    return {**figure, "layout": {**layout, **changed}}
