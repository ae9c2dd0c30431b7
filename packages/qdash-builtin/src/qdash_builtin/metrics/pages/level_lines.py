"""Lines of Plotly figures at limits, other levels and times, with their labels, and the axis that fits the values."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Any, Literal

from qdash_ui_streamlit.display.quantities import format_value

if TYPE_CHECKING:
    from collections.abc import Sequence

_COLOUR = "#7b858c"
_MARGIN = 0.08
"""Share of an axis that is free at each of its ends."""
_MARKS_HEIGHT = 20
"""Height in pixels of the marks of annotations at the lower edge, above which arrows stay."""
_LINE_HEIGHT = 15
"""Distance of two arrows at the same edge in pixels."""


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


def list_near_levels(levels: Sequence[float], drawn: Sequence[float], *, spread: float = 0.0) -> list[float]:
    """Return the levels that are not farther from the drawn values than these are from each other, or than `spread` if it is larger.

    A farther one would make the values tiny. All levels are near if nothing is drawn.
    """
    if not drawn:
        return [*levels]
    low, high = min(drawn), max(drawn)
    margin = max(high - low, spread) or abs(high)
    return [one for one in levels if low - margin <= one <= high + margin]


def make_value_range(drawn: Sequence[float], levels: Sequence[float], *, spread: float = 0.0) -> list[float]:
    """Return the ends of an axis that fits drawn values and near levels; `spread` is the least distance of the values from the ends."""
    ends = [*levels, *(one + sign * spread for one in drawn for sign in (-1, 1))]
    low, high = min(ends), max(ends)
    margin = _MARGIN * ((high - low) or abs(high) or 1.0)
    return [low - margin, high + margin]


def make_level_arrows(
    levels: Sequence[tuple[float, str]], axis_range: Sequence[float], unit: str
) -> list[dict[str, Any]]:
    """Return the labels of levels beyond the ends of a vertical axis: an arrow at the edge with the name and the value of each."""
    labels: list[dict[str, Any]] = []
    for is_above in (True, False):
        there = [one for one in levels if (one[0] > axis_range[1]) is is_above]
        for number, (level, text) in enumerate(there):
            named = f"{text}: {format_value(level, None, unit)}" if text == "design" else text
            labels.append(
                {
                    "text": escape(f"{'▲' if is_above else '▼'} {named}"),
                    "showarrow": False,
                    "font": {"size": 11},
                    "xref": "paper",
                    "x": 0,
                    "xanchor": "left",
                    "yref": "paper",
                    "y": int(is_above),
                    "yanchor": "top" if is_above else "bottom",
                    "yshift": -_LINE_HEIGHT * number if is_above else _MARKS_HEIGHT + _LINE_HEIGHT * number,
                }
            )
    return labels
