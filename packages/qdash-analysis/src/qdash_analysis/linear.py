"""Linear coefficients of one basis, or of many bases at once to scan start values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.solution import decompose

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_analysis.inputs import Floats, Trace
    from qdash_analysis.solution import Basis

_RIDGE = 1e-10
_UNSEEN = 1e-12


def fit_linear(basis: Floats, trace: Trace) -> tuple[Floats, Floats]:
    """Return the coefficients of one `basis` of shape ``(n, k)`` and the weighted residuals."""
    design = basis / trace.sigma[:, None]
    target = trace.y / trace.sigma
    u, singular, vt = decompose(design)
    seen = singular > _UNSEEN * singular[0]
    coefficients = vt[seen].T @ ((u.T @ target)[seen] / singular[seen])
    return coefficients, target - design @ coefficients


def scan(basis: Basis, trace: Trace, grid: Floats) -> Floats:
    """Return chi² of the best coefficients at each `theta` of `grid`, shape ``(g, m)``, to choose a start."""
    return scan_designs(basis(trace.x, grid), trace)


def scan_designs(designs: Floats, trace: Trace) -> Floats:
    """Return chi² of the best coefficients of each basis, shape ``(..., n, k)``."""
    weights = 1 / trace.sigma
    target = trace.y * weights
    moments = (designs * weights[:, None]).swapaxes(-1, -2)
    gram = moments @ moments.swapaxes(-1, -2)
    projection = moments @ target
    norms = np.sqrt(np.einsum("...kk->...k", gram))
    norms = np.where(norms > 0, norms, 1.0)
    projection = projection / norms
    gram = gram / (norms[..., None] * norms[..., None, :]) + _RIDGE * np.eye(norms.shape[-1])
    explained = np.sum(projection * np.linalg.solve(gram, projection[..., None])[..., 0], axis=-1)
    return np.asarray(target @ target - explained)


def find_minima(chi2: Floats) -> NDArray[np.intp]:
    """Return the indices of the local minima of a scan along one line, shape ``(g,)``, the lowest first."""
    padded = np.pad(chi2, 1, constant_values=np.inf)
    places = np.flatnonzero((chi2 <= padded[:-2]) & (chi2 <= padded[2:]))
    return places[np.argsort(chi2[places])]
