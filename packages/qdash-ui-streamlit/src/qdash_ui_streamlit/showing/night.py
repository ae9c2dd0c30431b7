"""Figures on a dark ground: those of tasks are drawn for a light one."""

from __future__ import annotations

import colorsys
import re
from typing import Any

_COLOURS = frozenset({"color", "fillcolor", "bordercolor"})
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def has_a_ground(layout: dict[str, Any]) -> bool:
    """Return whether a figure brings its own ground: its colours were chosen for that."""
    return "paper_bgcolor" in layout or "plot_bgcolor" in layout


def for_dark(part: Any) -> Any:
    """Return a part of a figure of Plotly in which dark lines, marks and fills are as light as they were dark."""
    if isinstance(part, dict):
        return {
            name: lighter(value) if name in _COLOURS and isinstance(value, str) else for_dark(value)
            for name, value in part.items()
        }
    # Numbers are not looked at one by one: a figure has thousands, in lists of their own.
    if isinstance(part, list) and part and isinstance(part[0], (dict, list)):
        return [for_dark(one) for one in part]
    return part


def lighter(colour: str) -> str:
    """Return a colour of the same hue that is seen on a dark ground; what is light, or not `#rrggbb`, stays."""
    if not _HEX.fullmatch(colour):
        return colour
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    made = colorsys.hls_to_rgb(hue, max(lightness, 1.0 - lightness), saturation)
    return "#" + "".join(f"{round(255 * one):02x}" for one in made)
