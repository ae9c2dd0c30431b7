"""Axes of figures of Plotly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def get_axis_title(axis: Mapping[str, Any]) -> object:
    """Return the title of an axis, or None."""
    title = axis.get("title")
    return title.get("text") if isinstance(title, dict) else title
