"""Plotly JSON of a figure that a task has drawn: a lost point is a gap."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from qdash_core.models.base import as_json


def to_plotly_json(drawn: Any) -> dict[str, Any] | None:
    """Return a Plotly figure, or the equivalent dictionary with lists and numpy arrays, as plain JSON.

    NaN and infinities become None, which Plotly draws as gaps.

    Raises
    ------
    TypeError, ValueError
        If something in it is neither JSON nor an array of numbers; the message names its place, such as `data[0].y[3]`.
    """
    if hasattr(drawn, "to_json"):
        drawn = json.loads(drawn.to_json())
    try:
        figure: dict[str, Any] | None = as_json(drawn)
    except (TypeError, ValueError):
        figure = as_json(_replace_gaps(drawn, ""))
    return figure


def _replace_gaps(value: Any, where: str) -> Any:
    """Return a part of a figure with None in place of numbers that are not finite."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    match value:
        case Mapping():
            return {key: _replace_gaps(part, f"{where}.{key}".lstrip(".")) for key, part in value.items()}
        case list() | tuple():
            return [_replace_gaps(part, f"{where}[{index}]") for index, part in enumerate(value)]
        case float():
            return value if math.isfinite(value) else None
        case complex():
            raise TypeError(
                f"{where} is the complex number {value:g}: draw its real and imaginary part, or magnitude and phase"
            )
        case None | str() | int():
            return value
    raise TypeError(f"{where or 'the figure'} is of type {type(value).__name__}, which is not JSON")
