"""Adaptation of figures to the dark theme: tasks draw them for a light background."""

from __future__ import annotations

import re
from typing import Any

_HEX = re.compile(r"#[0-9a-fA-F]{6}")


def has_background(layout: dict[str, Any]) -> bool:
    """Return whether a figure has its own background, for which its colours were chosen."""
    return "paper_bgcolor" in layout or "plot_bgcolor" in layout


def lighten(colour: str) -> str:
    """Return a lighter colour of the same hue; light colours, and those not in `#rrggbb`, are unchanged."""
    if not _HEX.fullmatch(colour):
        return colour
    parts = [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
    more = max(0, 255 - max(parts) - min(parts))
    return "#" + "".join(f"{part + more:02x}" for part in parts)
