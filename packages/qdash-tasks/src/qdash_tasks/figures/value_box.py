"""Box beside a figure with the results of a task."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from qdash_core.tasks.figure_layout import quantity

if TYPE_CHECKING:
    from qdash_core.models.estimates import Parameter
    from qdash_core.tasks.base import BaseTask, TaskOutput

_SCALE_WIDTH = 100
"""Width in pixels of the colour scale beside a map."""


def add_value_box(drawn: dict[str, Any], task: type[BaseTask], output: TaskOutput) -> dict[str, Any]:
    """Return a figure with a box beside it that lists the results with errors and units."""
    lines = [
        f"<b>{name}</b><br>{_format_value(found, task.output_parameters[name].unit)}"
        for name, found in output.parameters.items()
        if name in task.output_parameters
    ]
    if "reduced_chi2" in output.quality:
        lines.append(f"Reduced χ² = {output.quality['reduced_chi2']:.2f}")
    if not lines:
        return drawn
    text = "<br>".join(lines)
    box = {
        "text": text,
        "align": "left",
        "showarrow": False,
        "xref": "paper",
        "yref": "paper",
        "x": 1,
        "xshift": 12,
        "y": 1,
        "xanchor": "left",
        "yanchor": "top",
        "bordercolor": "#b0b4ba",
        "borderpad": 5,
        "font": {"size": 11},
    }
    layout = drawn["layout"]
    longest = max(len(line.removeprefix("<b>").removesuffix("</b>")) for line in text.split("<br>"))
    margin = {**layout.get("margin", {}), "r": 30 + 7 * longest}
    if drawn["data"] and drawn["data"][0]["type"] == "heatmap":
        box["xshift"] = _SCALE_WIDTH  # the colour bar is between
        margin["r"] += _SCALE_WIDTH
    return {
        **drawn,
        "layout": {**layout, "margin": margin, "annotations": [*layout.get("annotations", ()), box]},
    }


def _format_value(found: Parameter, unit: str) -> str:
    """Return a value as `81.5 ± 1.3 µs`: the error with two digits, the value with as many decimals."""
    if found.error is None or not 0 < found.error < math.inf:
        return quantity(f"{found.value:.6g}", unit)
    decimals = max(0, 1 - math.floor(math.log10(found.error)))
    return quantity(f"{found.value:.{decimals}f} ± {found.error:.{decimals}f}", unit)
