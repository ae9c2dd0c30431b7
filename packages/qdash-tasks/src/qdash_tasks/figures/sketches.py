"""Sketches for thumbnails: measured points, and curves drawn from a recorded result without a nonlinear fit.

Only the height of such a curve is not recorded; it is a linear fit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike

    from qdash_tasks.figures.plots import Drawn

Floats = NDArray[np.float64]
Shape = Callable[[Floats], list[Floats]]
"""Shape of a curve without its heights: returns the linear components at x, each of shape (n,)."""

GUIDE_COLOUR = "#30343b"
_FINE = 120
_DECAYS = (0.2, 0.5, 1.0, 2.0, 1e3)
"""Decay times that are tried if it is unknown, in units of the window."""


def sketch(x_title: str, y_title: str, data: Iterable[Drawn]) -> dict[str, Any]:
    """Return a figure that consists of traces and titles of its axes."""
    layout = {"xaxis": {"title": {"text": x_title}}, "yaxis": {"title": {"text": y_title}}}
    return {"data": list(data), "layout": layout}


def draw_measured(x: Floats, y: Floats) -> Drawn:
    """Return measured points as markers."""
    return {"type": "scatter", "mode": "markers", "x": x.tolist(), "y": y.tolist()}


def draw_guide(name: str, x: ArrayLike, y: ArrayLike) -> Drawn:
    """Return a dashed line, for an ideal or a threshold."""
    ends = (np.asarray(one, dtype=np.float64).tolist() for one in (x, y))
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        **dict(zip("xy", ends, strict=True)),
        "line": {"color": GUIDE_COLOUR, "width": 1.5, "dash": "dash"},
    }


def draw_recorded(x: Floats, y: Floats, shapes: Iterable[Shape]) -> Drawn:
    """Draw the candidate shape that fits the points best, with fitted heights."""
    found = []
    for shape in shapes:
        columns = np.stack(shape(x), axis=1)
        heights, *_ = np.linalg.lstsq(columns, y)
        found.append((float(np.sum((columns @ heights - y) ** 2)), shape, heights))
    _, nearest, heights = min(found, key=lambda one: one[0])
    fine = np.linspace(x.min(), x.max(), _FINE)
    drawn = np.stack(nearest(fine), axis=1) @ heights
    return {"type": "scatter", "mode": "lines", "x": fine.tolist(), "y": drawn.tolist()}


def make_line_shape(centre: float, width: float) -> Shape:
    """Return a Lorentzian with this full width at half maximum, in the unit of x, on a constant."""
    return lambda x: [1 / (1 + (2 * (x - centre) / width) ** 2), np.ones_like(x)]


def make_power_shape(base: float) -> Shape:
    """Return `base` to the power of x."""
    return lambda x: [base**x]


def make_fringe_shapes(frequencies: Iterable[float], window: float, decay: float | None) -> list[Shape]:
    """Return fringes of any phase at one of these frequencies (per unit of x) over a window in x.

    The decay is exponential or Gaussian, with its 1/e time, or without one None.
    """
    decays = [factor * window for factor in _DECAYS] if decay is None else [decay]
    return [
        _make_fringe_shape(frequency, time, order)
        for frequency in frequencies
        for time in decays
        for order in (1, 2)
    ]


def _make_fringe_shape(frequency: float, decay: float, order: int) -> Shape:
    def shape(x: Floats) -> list[Floats]:
        envelope, phase = np.exp(-((x / decay) ** order)), 2 * np.pi * frequency * x
        return [envelope * np.cos(phase), envelope * np.sin(phase), envelope, np.ones_like(x)]

    return shape
