"""Concatenation of several traces that are fitted together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.evidence import compute_mean_chi2
from qdash_analysis.inputs import Floats, Trace, validate_real, validate_sigma

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def validate_rows(y: ArrayLike, sigma: ArrayLike | None, *, shape: tuple[int, int], rows: str) -> Trace:
    """Return validated traces of a common abscissa, concatenated.

    `shape` is the number of traces and of points, `rows` the meaning of the rows in messages; `sigma` is a scalar or of
    that shape.

    Raises
    ------
    ValueError
        If `y` or `sigma` has another shape or is not finite, or `sigma` is not positive.
    """
    for name, given in (("y", np.asarray(y)), ("sigma", np.asarray(0.0 if sigma is None else sigma))):
        if given.shape != shape and (name == "y" or given.ndim):
            raise ValueError(f"{name} must hold {rows}, shape {shape}, got {given.shape}")
    signal = validate_real("y", np.asarray(y).ravel())
    flat = sigma if sigma is None or not np.ndim(sigma) else np.asarray(sigma).ravel()
    return Trace(np.arange(float(signal.size)), signal, validate_sigma(flat, signal.size), sigma is not None)


def split_rows(trace: Trace, x: Floats) -> list[Trace]:
    """Return each trace separately, over its abscissa `x`."""
    y, sigma = trace.y.reshape(-1, x.size), trace.sigma.reshape(-1, x.size)
    return [Trace(x, *row, trace.sigma_known) for row in zip(y, sigma, strict=True)]


def compute_rows_chi2(trace: Trace, x: Floats) -> float:
    """Return chi² of a constant for each trace."""
    return float(sum(compute_mean_chi2(row) for row in split_rows(trace, x)))


def set_scatter(trace: Trace, model: Floats, *, parameters: int) -> Trace:
    """Return `trace` with its unknown noise set to the scatter about a `model`."""
    residuals = trace.y - model
    scatter = np.sqrt(float(residuals @ residuals) / max(residuals.size - parameters, 1))
    return replace(trace, sigma=np.full(trace.x.size, max(scatter, np.finfo(float).tiny)))
