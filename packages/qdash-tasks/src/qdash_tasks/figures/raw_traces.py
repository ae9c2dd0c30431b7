"""Figure of the raw traces, for data without a successful analysis."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core.tasks.figure_layout import axis_title
from qdash_tasks.figures.plots import COLOURS, figure, scatter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_core.models.raw_data import RawData
    from qdash_tasks.figures.plots import Drawn

_MANY, _PALE = 200, 0.25
"""Number of points from which markers are small, and the opacity of their error bars then."""
_X_TITLES = {
    "amplitude": "Pulse amplitude",
    "beta": "DRAG coefficient",
    "delay": "Delay",
    "duration": "Pulse length",
    "frequency": "Frequency",
    "length": "Number of Cliffords",
    "pulses": "Number of pulses",
    "time": "Time",
}
"""Axis titles of the swept arrays."""
_DECADES = 100.0
"""Ratio of largest to smallest value above which an unfitted sweep gets a logarithmic axis."""


def draw_raw_traces(raw: RawData, *, x_name: str, x_unit: str) -> dict[str, Any]:
    """Draw both quadratures of every sweep without their means, for data without a successful analysis.

    Repetitions of a sweep (suffix of the name) share a style.
    """
    sweeps = [
        name
        for name in (array.removesuffix("_iq") for array in raw.arrays if array.endswith("_iq"))
        if f"{name}_{x_name}" in raw.arrays and raw[f"{name}_iq"].ndim == 1
    ]
    colours: dict[str, str] = {}
    data: list[Drawn] = []
    for name in sweeps:
        iq, sigma = raw[f"{name}_iq"], raw[f"{name}_sigma"]
        for quadrature, part in (("I", np.real), ("Q", np.imag)):
            called = f"{re.sub(r'_[0-9]+$', '', name).replace('_', ' ')} {quadrature}"
            style: Drawn = {"legendgroup": called, "showlegend": called not in colours}
            colour = colours.setdefault(called, COLOURS[len(colours) % len(COLOURS)])
            drawn = scatter(called, raw[f"{name}_{x_name}"], part(iq - iq.mean()), sigma=part(sigma), **style)
            if iq.size > _MANY:
                drawn["error_y"] |= {"color": _lighten_colour(colour), "width": 0}
            data.append({**drawn, "marker": {"color": colour, "size": 2 if iq.size > _MANY else 5}})
    everywhere = np.concatenate([[], *(raw[f"{name}_{x_name}"] for name in sweeps)])
    decades = _spans_decades(everywhere)
    x_title = axis_title(_X_TITLES[x_name], x_unit)
    if decades and not everywhere.all():
        x_title += ", 0 not shown"
    found = figure("No result: raw data", x_title, "I, Q, means subtracted (a.u.)", data)
    if decades:
        found["layout"]["xaxis"]["type"] = "log"
    return found


def _spans_decades(x: NDArray[np.float64]) -> bool:
    """Return whether the non-zero points span decades, with half of them far below the largest."""
    swept = x[x != 0]
    if not swept.size or swept.min() < 0:
        return False
    return bool(swept.max() > max(_DECADES * swept.min(), math.sqrt(_DECADES) * np.median(swept)))


def _lighten_colour(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{_PALE})"
