"""The fringe that a population makes against a phase, from four phases: how deep it is, and at which phase it is highest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_tasks.laboratory.recipes.populations import Populations

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]

PHASES_RAD = (0.0, np.pi / 2, np.pi, 3 * np.pi / 2)
"""Four, so that neither the mean nor a second harmonic, as of a reset that is not complete, moves the fringe."""


class Fringes:
    """Fringes ``P = mean + depth / 2 cos(phase - angle)``.

    Parameters
    ----------
    found
        Populations, those of a fringe together and in the order of `PHASES_RAD`.

    Attributes
    ----------
    amplitude
        ``depth exp(i angle)``, complex, shape (fringes,).
    error
        Standard error of each quadrature of `amplitude`, shape (fringes,).
    """

    def __init__(self, found: Populations) -> None:
        value = found.value.reshape(-1, len(PHASES_RAD))
        self.amplitude: Complexes = np.asarray(value @ np.exp(1j * np.array(PHASES_RAD)), dtype=np.complex128)
        squares = (found.error**2).reshape(-1, len(PHASES_RAD)).sum(axis=1)
        self.error: Floats = np.sqrt(squares / 2)

    @property
    def depth(self) -> Floats:
        """Difference of the highest and the lowest population, shape (fringes,)."""
        return np.abs(self.amplitude)

    @property
    def angle(self) -> Floats:
        """Phase at which the population is highest, in rad from -pi to pi, shape (fringes,)."""
        return np.angle(self.amplitude)

    @property
    def angle_error(self) -> Floats:
        """Standard error of `angle`, in rad, shape (fringes,); at most that of an angle about which nothing is known."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.minimum(self.error / self.depth, np.pi / np.sqrt(3)))


def wrapped(angle_rad: Floats) -> Floats:
    """Return angles from -pi to pi."""
    return np.asarray((angle_rad + np.pi) % (2 * np.pi) - np.pi)
