"""Search for a resonance of unknown centre and width in a sweep, to start a fit."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_analysis.inputs import Floats

_MOST_POINTS = 128


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


def coarsen(x: Floats, *signals: NDArray[Any]) -> tuple[Floats, list[NDArray[Any]]]:
    """Average neighbours until at most 128 points are left."""
    block = -(-x.size // _MOST_POINTS)
    kept = x.size // block * block
    averaged = [
        signal[..., :kept].reshape(*signal.shape[:-1], -1, block).mean(axis=-1) for signal in (x, *signals)
    ]
    return averaged[0], averaged[1:]


def compute_gains(shapes: NDArray[Any], background: NDArray[Any], signals: NDArray[Any]) -> Floats:
    """Return the decrease of the squared residuals if a line is added to a background.

    Shapes ``(g, n)``, background basis ``(n, k)`` and signals ``(s, n)``, real or complex; the result has shape ``(s,
    g)``.
    """
    return compute_orthogonal_gains(orthogonalise(shapes, background), signals)


def orthogonalise(shapes: NDArray[Any], background: NDArray[Any]) -> NDArray[Any]:
    """Return the normalised part of each shape orthogonal to a background, or zero, shape ``(g, n)``."""
    orthonormal = np.linalg.qr(background)[0]
    rest = shapes - (shapes @ orthonormal.conj()) @ orthonormal.T
    norms = np.sum(np.abs(rest) ** 2, axis=1)
    # A shape that the background can mimic is not a line, whatever rounding leaves of it.
    seen = norms > 1e-6 * np.sum(np.abs(shapes) ** 2, axis=1)
    return np.asarray(rest * np.where(seen, 1 / np.sqrt(np.where(seen, norms, 1.0)), 0.0)[:, None])


def compute_orthogonal_gains(directions: NDArray[Any], signals: NDArray[Any]) -> Floats:
    """Return the decrease of the squared residuals for shapes from `orthogonalise`, shape ``(s, g)``."""
    # Not a matrix product: at this size it uses several threads, which wait for each other longer than they
    # compute.
    return np.asarray(np.abs(np.einsum("sn,gn->sg", signals.conj(), directions)) ** 2)
