"""Offset of the IQ plane, measured by scans without a probe before and after a scan."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.notch import stack_quadratures
from qdash_analysis.residuals import are_structured, compute_inflation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_analysis.inputs import Floats

_APART = 3
"""Time between the middles of the scans before and after, in durations of one of these."""


@dataclass(frozen=True, slots=True)
class SilentScan:
    """Points without a probe, shape ``(n,)``.

    Frequencies ascend; `sigma` is the noise of each quadrature, `order` the place of each point in time.
    """

    x: Floats
    iq: NDArray[np.complex128]
    sigma: Floats
    order: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class PlaneOffset:
    """Offset of the IQ plane.

    `values` and `sigma`, the independent 1-sigma noise of each quadrature (0 if the offset does not depend on the
    frequency), have the shape ``(m,)``; `error` is common to all points.
    """

    values: NDArray[np.complex128]
    sigma: Floats
    error: float


def measure_offset(x: Floats, before: SilentScan, after: SilentScan) -> PlaneOffset:
    """Return the offset during a scan over `x`, from one scan before and one after, over the same range and half as long.

    It is the mean of all their points or, if neighbours in frequency are correlated, that of both scans at each
    frequency. The error contains the scatter with the correlation in time, and a quarter of the change from one scan to
    the other; if neighbours in time are correlated, also a quarter of its difference from that predicted by the slopes
    within the scans.
    """
    (one, first), (other, second) = (_average(scan) for scan in (before, after))
    error = math.hypot(first / 2, second / 2, abs(other - one) / 4)
    if any(_compute_time_inflation(scan) > 1 for scan in (before, after)):
        predicted = _APART * (_measure_slope(before) + _measure_slope(after)) / 2
        error = math.hypot(error, abs(predicted - (other - one)) / 4)
    both = (before.iq + after.iq) / 2
    if not are_structured(stack_quadratures(both - both.mean())):
        return PlaneOffset(np.full(x.size, both.mean()), np.zeros(x.size), error)
    noise = np.sqrt(before.sigma**2 + after.sigma**2) / 2
    return PlaneOffset(np.interp(x, before.x, both), np.interp(x, before.x, noise), error)


def _average(scan: SilentScan) -> tuple[complex, float]:
    """Return the mean and its error in each quadrature."""
    off = stack_quadratures(scan.iq - scan.iq.mean())
    scatter = float(off @ off) / (off.size - 2)
    variance = max(scatter, float(np.mean(scan.sigma**2))) * _compute_time_inflation(scan)
    return complex(scan.iq.mean()), float(np.sqrt(variance / scan.iq.size))


def _compute_time_inflation(scan: SilentScan) -> float:
    return compute_inflation(stack_quadratures((scan.iq - scan.iq.mean())[scan.order.argsort()]))


def _measure_slope(scan: SilentScan) -> complex:
    """Return the change over the duration of a scan, from a straight line."""
    place = scan.order - scan.order.mean()
    return complex(place @ scan.iq / (place @ place) * scan.iq.size)
