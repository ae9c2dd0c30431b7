"""Overlay of the figures of several results: their points and fits on the same axes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qdash_builtin.results.figure_axes import get_axis_title
from qdash_builtin.results.fit_points import is_measured
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.hooks.pictures import Figure
    from qdash_core.models.task import TaskResultModel

_COLOURS = ("#3465a4", "#c4501b", "#4e9a06", "#75507b", "#a07d00", "#06989a", "#a40000", "#555753")
_SYMBOLS = ("circle", "diamond", "square", "cross")
_DASHES = ("solid", "dash", "dot", "dashdot")
_HEIGHT, _ROW = 430, 24
"""Height of the figure without its legend, and of a row of the legend, in pixels."""


@dataclass(slots=True)
class Overlay:
    """Figures of several results on the axes of the first one.

    Parameters
    ----------
    figure : dict
        Plotly JSON. The traces of a result have its id as `legendgroup`.
    results : list of TaskResultModel
        The drawn results, the first one first.
    refused : dict of str to str
        Reasons why results are not drawn, by the given ids.
    """

    figure: Figure
    results: list[TaskResultModel]
    refused: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_first(cls, result: TaskResultModel, figure: Figure) -> Overlay:
        """Return the overlay of one result; raise InvalidInputError if its figure shows no points over one axis."""
        x_title, y_title = _read_axes(figure, result)
        titles = {"xaxis": {"title": {"text": x_title}}, "yaxis": {"title": {"text": y_title}}}
        legend = {"orientation": "v", "x": 0, "xanchor": "left", "y": -0.2, "yanchor": "top"}
        layout = {**titles, "legend": legend, "margin": {"l": 70, "r": 20, "t": 30, "b": 60}}
        made = cls({"data": [], "layout": {**layout, "height": _HEIGHT}}, [])
        made._add(result, figure)
        return made

    def add(self, result: TaskResultModel, figure: Figure) -> None:
        """Add a result; raise InvalidInputError with the reason if its axes are not those of the first one."""
        titles = _read_axes(figure, result)
        layout = self.figure["layout"]
        for name, title in zip(("xaxis", "yaxis"), titles, strict=True):
            if (wanted := layout[name]["title"]["text"]) != title:
                raise InvalidInputError(f"its {name[0]} axis is {title or 'not named'}, not {wanted}")
        if any(one.task_id == result.task_id for one in self.results):
            raise InvalidInputError("it is drawn already")
        self._add(result, figure)

    def _add(self, result: TaskResultModel, figure: Figure) -> None:
        colour = _COLOURS[len(self.results) % len(_COLOURS)]
        axes = _find_axes(figure)
        on_axes = [one for one in figure["data"] if _get_axes(one) == axes]
        points = [one for one in on_axes if is_measured(one, figure)]
        # Single shots and sequences without errors, behind their means, would hide the other results.
        points = [one for one in points if "error_y" in one] or points
        lines = [one for one in on_axes if one.get("mode") == "lines"]
        for place, one in enumerate(points):
            marker = {"color": colour, "size": 5, "symbol": _SYMBOLS[place % len(_SYMBOLS)]}
            self._append(one, result, mode="markers", marker=marker, showlegend=place == 0)
        for place, one in enumerate(lines):
            line = {"color": colour, "width": 1.5, "dash": _DASHES[place % len(_DASHES)]}
            self._append(one, result, mode="lines", line=line, showlegend=False)
        self.results.append(result)
        self.figure["layout"]["height"] = _HEIGHT + _ROW * len(self.results)

    def _append(self, trace: Mapping[str, Any], result: TaskResultModel, **style: Any) -> None:
        kept = {name: trace[name] for name in ("x", "y", "error_y") if name in trace}
        name = f"{result.qid} {result.task_id}".strip()
        self.figure["data"].append(
            {"type": "scatter", "name": name, "legendgroup": result.task_id, **kept, **style}
        )


def _get_axes(trace: Mapping[str, Any]) -> tuple[str, str]:
    return trace.get("xaxis") or "x", trace.get("yaxis") or "y"


def _find_axes(figure: Figure) -> tuple[str, str] | None:
    """Return the axes of the first measured points of a figure, or None if it has none, or maps as well."""
    if any(one.get("type", "scatter") not in ("scatter", "scattergl", "bar") for one in figure["data"]):
        return None
    return next((_get_axes(one) for one in figure["data"] if is_measured(one, figure)), None)


def _read_axes(figure: Figure, result: TaskResultModel) -> tuple[str, str]:
    """Return the titles of the axes of the first measured points of a figure."""
    axes = _find_axes(figure)
    if axes is None:
        raise InvalidInputError(f"the figure of {result.name} does not show points over one axis")
    x_axis, y_axis = (
        figure["layout"].get(f"{letter}axis{axis[1:]}") or {} for letter, axis in zip("xy", axes, strict=True)
    )
    return str(get_axis_title(x_axis) or ""), str(get_axis_title(y_axis) or "")
