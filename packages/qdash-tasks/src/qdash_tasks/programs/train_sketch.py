"""Sketch of a pulse train: the deviation from the ideal pulse, instead of a signal that jumps with every pulse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qdash_tasks.figures.sketches import draw_guide, draw_measured, sketch
from qdash_tasks.programs.projection import project_signals

if TYPE_CHECKING:
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.programs.pulse_trains import Rotation

Floats = NDArray[np.float64]

_DECAYS = (0.5, 1.0, 2.0, 5.0, 1e3)
"""Decays of the contrast that are tried, in units of the longest train."""
_FINE = 80
_EQUATOR = 0.5
"""Least sine of the ideal angle at which a point shows the deviation: elsewhere the signal is flat."""
_SHOWN = 0.25
"""Deviation that the axis shows at least, so that the noise of a right pulse does not fill the picture."""
_ROOM = 1.05
_X_TITLE, _Y_TITLE = "Number of pulses", "Deviation from the ideal (of the contrast)"


def sketch_train(raw: RawData, rotation: Rotation, angle_error_rad: float) -> dict[str, Any]:
    """Sketch the last train as its deviation from the ideal rotation, which is the dashed line at 0.

    With an over-rotation ε the signal after n pulses is `c + a·exp(-n/τ)·cos(φ + nε)`, with the ideal angle φ. Where it
    crosses the middle, `(c - y)·sin φ / a` is `exp(-n/τ)·sin(nε)`: it leaves 0 with the slope ε. Centre, contrast and the
    best of a few decays are a linear fit.
    """
    found = project_signals(raw, rotation.starts, x_name="pulses")
    counts, y = (np.concatenate([getattr(one, name) for one in found]) for name in ("x", "y"))
    begin = np.repeat([0.0, np.pi / 2][: len(found)], [one.x.size for one in found])
    ideal = counts * rotation.angle_rad + begin
    longest = float(counts.max())
    decay, contrast, centre = _fit_heights(counts, y, ideal + counts * angle_error_rad, longest)
    telling = np.abs(np.sin(ideal)) > _EQUATOR
    deviation = (centre - y) * np.sign(np.sin(ideal)) / contrast
    fine = np.linspace(0.0, longest, _FINE)
    model = np.exp(-fine / decay) * np.sin(fine * angle_error_rad)
    drawn = sketch(
        _X_TITLE,
        _Y_TITLE,
        [
            draw_guide("Ideal", [0.0, longest], [0.0, 0.0]),
            draw_measured(counts[telling], deviation[telling]),
            {"type": "scatter", "mode": "lines", "x": fine.tolist(), "y": model.tolist()},
        ],
    )
    shown = max(_SHOWN, _ROOM * float(np.abs(np.concatenate([deviation[telling], model])).max()))
    drawn["layout"]["yaxis"]["range"] = [-shown, shown]
    return drawn


def _fit_heights(counts: Floats, y: Floats, angle: Floats, longest: float) -> tuple[float, float, float]:
    """Return decay, contrast and centre of the best linear fit."""
    found = []
    for factor in _DECAYS:
        decay = factor * longest
        columns = np.stack([np.exp(-counts / decay) * np.cos(angle), np.ones_like(counts)], axis=1)
        heights, *_ = np.linalg.lstsq(columns, y)
        found.append((float(np.sum((columns @ heights - y) ** 2)), decay, heights))
    _, decay, heights = min(found, key=lambda one: one[0])
    return decay, float(heights[0]), float(heights[1])
