"""Search for a resonance of unknown centre and width in a sweep, to start a fit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_analysis.inputs import Floats

_MOST_POINTS = 128
_LARGEST_PRODUCT = 32_768
"""Multiplications of a complex matrix product from which OpenBLAS uses several threads."""
_LEAST_COLUMNS = 9
"""Columns as which fewer count in this: a product with a vector uses threads at a ninth of the size."""
_BESIDE = np.array(
    list(product((-1.5, -1, -0.7, -0.4, -0.2, 0, 0.2, 0.4, 0.7, 1, 1.5), (-1.4, -0.8, -0.4, 0.0, 0.4)))
)
"""Places of lines that overlap with another, in its widths, and logarithms of the ratio of the widths."""


def build_templates(x: Floats) -> Floats:
    """Return centres and widths (FWHM, one step to half the window) of the search, shape ``(g, 2)``, one width apart."""
    span = x[-1] - x[0]
    return np.asarray(np.array([x[0], 0.0]) + span * _build_unit_templates(x.size))


@cache
def _build_unit_templates(size: int) -> Floats:
    """Return the templates of a window from 0 to 1."""
    width = 1 / (size - 1)
    found = []
    while width < 0.6:
        centres = np.linspace(0.0, 1.0, round(1 / width) + 1)
        found.append(np.column_stack([centres, np.full(centres.size, width)]))
        width *= 2
    return np.concatenate(found)


def build_templates_beside(centre: float, log_width: float) -> Floats:
    """Return centres and logarithms of widths of lines that overlap with one, shape ``(g, 2)``."""
    return np.asarray(np.array([centre, log_width]) + _BESIDE * np.array([np.exp(log_width), 1.0]))


def coarsen(x: Floats, *signals: NDArray[Any]) -> tuple[Floats, list[NDArray[Any]]]:
    """Average neighbours until at most 128 points are left."""
    block = -(-x.size // _MOST_POINTS)
    kept = x.size // block * block
    averaged = [
        signal[..., :kept].reshape(*signal.shape[:-1], -1, block).mean(axis=-1) for signal in (x, *signals)
    ]
    return averaged[0], averaged[1:]


@dataclass(frozen=True, slots=True)
class Search:
    """Shapes ``(g, n)`` that are sought in signals beside a background with the basis `orthonormal`, shape ``(n, k)``.

    `norms` are the squared norms of the shapes, shape ``(g,)``.
    """

    shapes: NDArray[Any]
    norms: Floats
    orthonormal: NDArray[Any]

    @classmethod
    def build(cls, shapes: NDArray[Any], orthonormal: NDArray[Any]) -> Search:
        return cls(shapes, np.sum(np.abs(shapes) ** 2, axis=1), orthonormal)

    def remove_background(self, signals: NDArray[Any]) -> NDArray[Any]:
        """Return the part of each signal, shape ``(s, n)``, that is orthogonal to the background."""
        return np.asarray(signals - (signals @ self.orthonormal.conj()) @ self.orthonormal.T)

    def compute_gains(self, rest: NDArray[Any]) -> Floats:
        """Return the decrease of the squared residuals if a shape is added, shape ``(s, g)``.

        `rest` are signals without background.
        """
        own = self.norms - np.sum(np.abs(_multiply(self.shapes, self.orthonormal.conj())) ** 2, axis=1)
        # A shape that the background can mimic is not a line, whatever rounding leaves of it.
        seen = own > 1e-6 * self.norms
        overlaps = np.abs(_multiply(self.shapes, rest.conj().T).T) ** 2
        return np.asarray(overlaps * np.where(seen, 1 / np.where(seen, own, 1.0), 0.0))


def _multiply(many: NDArray[Any], few: NDArray[Any]) -> NDArray[Any]:
    """Return the matrix product by blocks of rows: a larger one uses threads, which wait longer than they compute."""
    size, columns = few.shape
    rows = max(1, _LARGEST_PRODUCT // (size * max(columns, _LEAST_COLUMNS)))
    return np.concatenate([many[first : first + rows] @ few for first in range(0, len(many), rows)])
