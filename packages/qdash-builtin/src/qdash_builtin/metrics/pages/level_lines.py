"""Lines of Plotly figures at limits and other levels, with their labels."""

from __future__ import annotations

import math
from typing import Any, Literal

_COLOUR = "#7b858c"


def make_level_line(
    level: float | str, *, dash: str = "dash", axis: Literal["x", "y"] = "y"
) -> dict[str, Any]:
    """Return a line across the figure at a value, or a time, of an axis."""
    along = "x" if axis == "y" else "y"
    return {
        "type": "line",
        f"{along}ref": "paper",
        f"{along}0": 0,
        f"{along}1": 1,
        f"{axis}0": level,
        f"{axis}1": level,
        "line": {"dash": dash, "width": 1.2, "color": _COLOUR},
    }


def make_level_label(
    level: float, text: str, *, axis: Literal["x", "y"] = "y", is_log: bool = False
) -> dict[str, Any]:
    """Return the label of a line; `is_log` if its axis is logarithmic."""
    place = math.log10(level) if is_log else level
    label = {"text": text, "showarrow": False, "font": {"size": 11}}
    if axis == "y":
        return {**label, "xref": "paper", "x": 0, "xanchor": "left", "y": place, "yanchor": "bottom"}
    return {**label, "yref": "paper", "y": 1, "yanchor": "bottom", "x": place, "xanchor": "center"}
