"""Fringe of a population against a phase, from four phases: its depth, and the phase of its maximum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_tasks.laboratory.recipes.populations import Populations

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]

PHASES_RAD = (0.0, np.pi / 2, np.pi, 3 * np.pi / 2)
"""Four phases, so that neither the mean nor a second harmonic, as from an incomplete reset, moves the
fringe.
"""


class Fringes:
    """Fringes ``P = mean + depth / 2 cos(phase - angle)``.

    Populations are grouped by fringe, in the order of `PHASES_RAD`. `amplitude` is ``depth exp(i angle)``, shape
    (fringes,), and `error` the standard error of each of its quadratures.
    """

    def __init__(self, found: Populations) -> None:
        value = found.value.reshape(-1, len(PHASES_RAD))
        self.amplitude: Complexes = np.asarray(value @ np.exp(1j * np.array(PHASES_RAD)), dtype=np.complex128)
        squares = (found.error**2).reshape(-1, len(PHASES_RAD)).sum(axis=1)
        self.error: Floats = np.sqrt(squares / 2)

    @property
    def depth(self) -> Floats:
        """Difference between the highest and the lowest population, shape (fringes,)."""
        return np.abs(self.amplitude)

    @property
    def angle(self) -> Floats:
        """Phase of the highest population, in rad from -pi to pi, shape (fringes,)."""
        return np.angle(self.amplitude)

    @property
    def angle_error(self) -> Floats:
        """Standard error of `angle` in rad, shape (fringes,); at most that of a random angle."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.minimum(self.error / self.depth, np.pi / np.sqrt(3)))


def wrap_angle(angle_rad: Floats) -> Floats:
    """Return angles wrapped to -pi to pi."""
    return np.asarray((angle_rad + np.pi) % (2 * np.pi) - np.pi)
