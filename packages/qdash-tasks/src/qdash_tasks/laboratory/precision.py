"""Precision of answers: digits far below the noise become zeros, which compressed files do not hold."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_tasks.laboratory.trace import ShotRecord

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_tasks.laboratory.port import Answer

_SHOT_STEPS, _MEAN_STEPS = 8, 1024
"""Steps of the rounded points in a standard deviation, at least: of one shot, and of the mean of a point.

Rounding adds step² / 12 to the variance: at most 0.13 % of that of a shot.
"""
_DROPPED = np.uint64(2**40 - 1)
"""Bits that errors are stored without: 13 significant bits are left, a ten-thousandth of the error."""


def limit_precision(answer: Answer) -> Answer:
    """Return an answer rounded far below its noise, so that its raw data compress.

    The points lie on a grid whose step is a power of two. Errors are rounded up and covariances towards zero, so that
    their matrix remains valid. An answer without noise is unchanged.
    """
    if isinstance(answer, ShotRecord):
        return replace(answer, iq=_round_points(answer.iq, _find_narrowest_width(answer.iq) / _SHOT_STEPS))
    sigma = np.ascontiguousarray(answer.sigma, dtype=np.complex128)
    covariance = np.ascontiguousarray(answer.covariance, dtype=np.float64)
    narrowest = float(sigma.view(np.float64).min(initial=math.inf))
    return replace(
        answer,
        iq=_round_points(answer.iq, narrowest / _MEAN_STEPS),
        sigma=((sigma.view(np.uint64) + _DROPPED) & ~_DROPPED).view(np.complex128),
        covariance=(covariance.view(np.uint64) & ~_DROPPED).view(np.float64),
    )


def _round_points(iq: NDArray[Any], largest_step: float) -> NDArray[np.complex128]:
    """Round I and Q to multiples of the largest power of two up to `largest_step`."""
    points = np.ascontiguousarray(iq, dtype=np.complex128)
    if not 0.0 < largest_step < math.inf:
        return points
    step = 2.0 ** math.floor(math.log2(largest_step))
    return (np.rint(points.view(np.float64) / step) * step).view(np.complex128)


def _find_narrowest_width(shots: NDArray[Any]) -> float:
    """Return the standard deviation across the clouds, which is that of one cloud; the smallest of several qubits."""
    if shots.shape[0] < 2:
        return 0.0
    columns = shots.reshape(shots.shape[0], -1).T
    widths = [np.linalg.eigvalsh(np.cov(column.real, column.imag))[0] for column in columns]
    return math.sqrt(max(float(min(widths, default=0.0)), 0.0))
