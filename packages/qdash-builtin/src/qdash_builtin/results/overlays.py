"""Overlay of the figures of several results: their points and fits on the same axes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qdash_builtin.results.figure_axes import (
    convert_trace,
    get_axes,
    is_measured,
    read_titles,
    require_axes,
    require_same_quantity,
)
from qdash_core.errors import InvalidInputError
from qdash_core.tasks.colours import DISTINCT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_core.hooks.pictures import Figure
    from qdash_core.models.task import TaskResultModel

_SYMBOLS = ("circle", "diamond", "square", "cross")
_DASHES = ("solid", "dash", "dot", "dashdot")
_HEIGHT, _ROW = 430, 24
"""Height of the figure without its legend, and of a row of the legend, in pixels."""


@dataclass(slots=True)
class Overlay:
    """Figures of several results, the first one first, on its axes.

    Parameters
    ----------
    figure : dict
        Plotly JSON. The traces of a result have its id as `legendgroup`.
    refused : dict of str to str
        Reasons why results are not drawn, by the given ids.
    """

    figure: Figure
    results: list[TaskResultModel]
    refused: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_first(cls, result: TaskResultModel, figure: Figure) -> Overlay:
        """Return the overlay of one result; raise InvalidInputError if its figure shows no points over one axis."""
        x_title, y_title = read_titles(figure, require_axes(figure, result.name))
        titles = {"xaxis": {"title": {"text": x_title}}, "yaxis": {"title": {"text": y_title}}}
        legend = {"orientation": "v", "x": 0, "xanchor": "left", "y": -0.2, "yanchor": "top"}
        layout = {**titles, "legend": legend, "margin": {"l": 70, "r": 20, "t": 30, "b": 60}}
        made = cls({"data": [], "layout": {**layout, "height": _HEIGHT}}, [])
        made._add(result, figure)
        return made

    def add(self, result: TaskResultModel, figure: Figure) -> None:
        """Add a result in the units of the first one; raise InvalidInputError with the reason if its axes show other quantities."""
        titles = read_titles(figure, require_axes(figure, result.name))
        for letter, title, wanted in zip("xy", titles, self._titles, strict=True):
            require_same_quantity(letter, title, wanted)
        if any(one.task_id == result.task_id for one in self.results):
            raise InvalidInputError("it is drawn already")
        self._add(result, figure)

    @property
    def _titles(self) -> list[str]:
        return [self.figure["layout"][name]["title"]["text"] for name in ("xaxis", "yaxis")]

    def _add(self, result: TaskResultModel, figure: Figure) -> None:
        colour = DISTINCT[len(self.results) % len(DISTINCT)]
        axes = require_axes(figure, result.name)
        titles = read_titles(figure, axes)
        on_axes = [one for one in figure["data"] if get_axes(one) == axes]
        points = [one for one in on_axes if is_measured(one, figure)]
        # Single shots and sequences without errors, behind their means, would hide the other results.
        points = [one for one in points if "error_y" in one] or points
        lines = [one for one in on_axes if one.get("mode") == "lines"]
        for place, one in enumerate(points):
            marker = {"color": colour, "size": 5, "symbol": _SYMBOLS[place % len(_SYMBOLS)]}
            self._append(
                convert_trace(one, titles, self._titles),
                result,
                mode="markers",
                marker=marker,
                showlegend=place == 0,
            )
        for place, one in enumerate(lines):
            line = {"color": colour, "width": 1.5, "dash": _DASHES[place % len(_DASHES)]}
            self._append(
                convert_trace(one, titles, self._titles), result, mode="lines", line=line, showlegend=False
            )
        self.results.append(result)
        self.figure["layout"]["height"] = _HEIGHT + _ROW * len(self.results)

    def _append(self, places: Mapping[str, Any], result: TaskResultModel, **style: Any) -> None:
        name = f"{result.qid} {result.task_id}".strip()
        self.figure["data"].append(
            {"type": "scatter", "name": name, "legendgroup": result.task_id, **places, **style}
        )
