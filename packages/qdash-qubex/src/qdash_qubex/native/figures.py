"""Figures of the library as plain Plotly JSON, without its colours and sizes."""

from __future__ import annotations

import math
from typing import Any


def plain_figure(figure: Any) -> dict[str, Any]:
    """Return a Plotly figure as lists, numbers and text; non-finite numbers become gaps."""
    document = figure.to_plotly_json()
    layout = {name: value for name, value in document["layout"].items() if name not in _OF_THE_PAGE}
    return {
        "data": [_to_plain(trace) for trace in document["data"]],
        "layout": {**_to_plain(layout), "legend": _LEGEND},
    }


_OF_THE_PAGE = ("template", "width", "height")
"""Layout fields that are left to the viewer of the figure."""
_LEGEND = {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"}
"""Position of the legend: above the figure, because the results are beside it."""


def get_points(figure: Any, name: str) -> tuple[Any, Any]:
    """Return x and y of a figure's trace, as some measured points are nowhere else; raise KeyError if it has none."""
    for trace in figure.data:
        if trace.name == name:
            return trace.x, trace.y
    raise KeyError(f"the library's figure has no trace {name!r}")


def _to_plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, dict):
        return {str(name): _to_plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_to_plain(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
