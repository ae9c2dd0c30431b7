"""Adaptation of figures to the dark theme: tasks draw them for a light background."""

from __future__ import annotations

import colorsys
import re
from typing import Any

_COLOURS = frozenset({"color", "fillcolor", "bordercolor"})
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def has_background(layout: dict[str, Any]) -> bool:
    """Return whether a figure has its own background, for which its colours were chosen."""
    return "paper_bgcolor" in layout or "plot_bgcolor" in layout


def adapt_to_dark(part: Any) -> Any:
    """Return a part of a Plotly figure with dark colours replaced by equally light ones."""
    if isinstance(part, dict):
        return {
            name: lighten(value) if name in _COLOURS and isinstance(value, str) else adapt_to_dark(value)
            for name, value in part.items()
        }
    # Numbers are skipped: a figure has thousands, in lists of their own.
    if isinstance(part, list) and part and isinstance(part[0], (dict, list)):
        return [adapt_to_dark(one) for one in part]
    return part


def lighten(colour: str) -> str:
    """Return a lighter colour of the same hue; light colours, and those not in `#rrggbb`, are unchanged."""
    if not _HEX.fullmatch(colour):
        return colour
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    made = colorsys.hls_to_rgb(hue, max(lightness, 1.0 - lightness), saturation)
    return "#" + "".join(f"{round(255 * one):02x}" for one in made)
