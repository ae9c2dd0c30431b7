"""Axes of figures of Plotly: measured points, titles with units, and other data on the same axes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError
from qdash_core.models.units import are_alike, are_same, convert, describe_unit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.hooks.pictures import Figure

_TITLE_WITH_UNIT = re.compile(r"(.*\S)\s+\(([^()]+)\)\s*")


def get_axis_title(axis: Mapping[str, Any]) -> object:
    """Return the title of an axis, or None."""
    title = axis.get("title")
    return title.get("text") if isinstance(title, dict) else title


def is_measured(trace: Mapping[str, Any], figure: Figure) -> bool:
    """Return whether a trace of a figure shows measured points, not residuals of a fit."""
    axis = figure["layout"].get(f"yaxis{(trace.get('yaxis') or 'y')[1:]}") or {}
    return (
        trace.get("type", "scatter") in ("scatter", "scattergl")
        and "markers" in str(trace.get("mode", ""))
        and "Residual" not in str(axis.get("title"))
    )


def get_axes(trace: Mapping[str, Any]) -> tuple[str, str]:
    """Return the axes of a trace as Plotly names them: x, y2."""
    return trace.get("xaxis") or "x", trace.get("yaxis") or "y"


def require_axes(figure: Figure, task: str) -> tuple[str, str]:
    """Return the axes of the first measured points of a figure; raise InvalidInputError if it has none, or maps as well."""
    known = all(one.get("type", "scatter") in ("scatter", "scattergl", "bar") for one in figure["data"])
    measured = next((get_axes(one) for one in figure["data"] if is_measured(one, figure)), None)
    if measured is None or not known:
        raise InvalidInputError(f"the figure of {task} does not show points over one axis")
    return measured


def read_titles(figure: Figure, axes: tuple[str, str]) -> tuple[str, str]:
    """Return the titles of two axes, each empty if it has none."""
    x_axis, y_axis = (
        figure["layout"].get(f"{letter}axis{axis[1:]}") or {} for letter, axis in zip("xy", axes, strict=True)
    )
    return str(get_axis_title(x_axis) or ""), str(get_axis_title(y_axis) or "")


def split_title(title: str) -> tuple[str, str]:
    """Return the quantity and the unit of the title of an axis; `Delay (µs)` is a delay in µs, and `P(1)` has no unit."""
    found = _TITLE_WITH_UNIT.fullmatch(title)
    return (title.strip(), "") if found is None else (found[1], found[2])


def require_same_quantity(letter: str, title: str, wanted: str) -> None:
    """Raise InvalidInputError with the reason unless values on an axis can be drawn on another, after a conversion of their unit."""
    (quantity, unit), (wanted_quantity, wanted_unit) = split_title(title), split_title(wanted)
    if title == wanted or (quantity == wanted_quantity and are_alike(unit, wanted_unit)):
        return
    units = (
        f": {describe_unit(unit)} cannot be converted to {describe_unit(wanted_unit)}"
        if quantity == wanted_quantity
        else ""
    )
    raise InvalidInputError(
        f"its {letter} axis is {title or 'not named'}, not {wanted or 'without a name'}{units}"
    )


def convert_trace(trace: Mapping[str, Any], titles: Sequence[str], wanted: Sequence[str]) -> dict[str, Any]:
    """Return x, y and error bars of a trace, converted from the units of its axes to those of others."""
    found: dict[str, Any] = {}
    for letter, title, other in zip("xy", titles, wanted, strict=True):
        units = split_title(title)[1], split_title(other)[1]
        bars = f"error_{letter}"
        if letter in trace:
            found[letter] = convert_values(trace[letter], *units)
        if bars in trace:
            arrays = {name: trace[bars][name] for name in ("array", "arrayminus") if name in trace[bars]}
            changed = {name: convert_values(values, *units) for name, values in arrays.items()}
            found[bars] = {**trace[bars], **changed}
    return found


def convert_values(values: Any, unit: str, to: str) -> Any:
    """Return numbers in another unit of the same dimension; gaps and texts stay as they are."""
    if are_same(unit, to) or not isinstance(values, list):
        return values
    return [
        convert(one, unit, to) if isinstance(one, (int, float)) and not isinstance(one, bool) else one
        for one in values
    ]
