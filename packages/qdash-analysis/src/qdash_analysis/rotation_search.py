"""Blind search for the rotation axis and rate of a Bloch vector, by a matched filter."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from qdash_analysis.inputs import Floats

_TAU = 2 * np.pi
_POLAR = np.array([-0.97, -0.8, -0.55, -0.28, 0.0, 0.28, 0.55, 0.8, 0.97])
_AZIMUTHS = 16
_SLOW = np.array([0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.75, 0.9])
_STEP = 0.2
_APART = 0.6
"""Least difference in turns per window between distinct start rates."""


def find_rotations(
    paths: Floats, times_us: Floats, fastest: float, *, count: int
) -> list[tuple[Floats, Floats]]:
    """Return the best rotation vectors for each measured trajectory from +Z.

    `paths` are X, Y, Z in any unit, shape ``(s, 3, n)``, and `times_us` since they left +Z; the search goes up to
    `fastest` turns in the window. Returns for each, the best first, up to `count` rates in MHz, shape ``(k, 3)``, and
    the sums of squares that they leave unexplained, shape ``(k,)``.
    """
    span = float(times_us[-1] - times_us[0])
    turns = np.concatenate([_SLOW, np.arange(1.0, max(fastest, 1.0) + _STEP / 2, _STEP)])
    return [
        _choose_rates(turns, left, span, count)
        for left in _compute_unexplained(paths, times_us, turns / span)
    ]


def _choose_rates(turns: Floats, unexplained: Floats, span: float, count: int) -> tuple[Floats, Floats]:
    """Return the best few rates, each about its best axis, given what they leave unexplained, shape ``(f, d)``."""
    best = unexplained.argmin(axis=1)
    height = unexplained[np.arange(turns.size), best]
    chosen: list[int] = []
    for place in np.argsort(height):
        if all(abs(turns[place] - turns[other]) >= _APART for other in chosen):
            chosen.append(int(place))
        if len(chosen) == count:
            break
    return (turns[chosen, None] / span) * _build_axes()[best[chosen]], height[chosen]


@cache
def _build_axes() -> Floats:
    """Return unit vectors over the whole sphere, shape ``(d, 3)``."""
    azimuth = _TAU / _AZIMUTHS * np.arange(_AZIMUTHS)
    polar, azimuth = (grid.ravel() for grid in np.meshgrid(_POLAR, azimuth, indexing="ij"))
    across = np.sqrt(1 - polar**2)
    return np.stack([across * np.cos(azimuth), across * np.sin(azimuth), polar], axis=1)


def _compute_unexplained(paths: Floats, times_us: Floats, rates: Floats) -> list[Floats]:
    """Return the sum of squares that each rate and axis leaves with a free length of the vector, shape ``(f, d)``."""
    phase = _TAU * np.outer(rates, times_us)
    waves = np.stack([np.ones_like(phase), np.cos(phase), np.sin(phase)], axis=1)
    gram = (waves @ waves.swapaxes(1, 2)).reshape(rates.size, 9)
    size = gram @ _compute_overlaps().T
    found = []
    for path in paths:
        seen = (waves @ path.T).swapaxes(1, 2).reshape(rates.size, 9) @ _compute_parts().T
        # In place: for grids this large the memory traffic costs more than the sums.
        np.maximum(seen, 0.0, out=seen)
        seen *= seen
        seen /= size
        found.append(np.subtract(np.sum(path**2), seen, out=seen))
    return found


@cache
def _compute_parts() -> Floats:
    """Return constant, cosine and sine part of trajectories from +Z about each axis (Rodrigues), shape ``(d, 9)``."""
    north = np.array([0.0, 0.0, 1.0])
    along = _build_axes() * _build_axes()[:, 2:]
    return np.stack([along, north - along, np.cross(_build_axes(), north)], axis=2).reshape(-1, 9)


@cache
def _compute_overlaps() -> Floats:
    """Return the products of the parts of `_compute_parts`, shape ``(d, 9)``."""
    parts = _compute_parts().reshape(-1, 3, 3)
    return np.asarray(parts.swapaxes(1, 2) @ parts).reshape(-1, 9)
