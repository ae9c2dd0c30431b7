"""Axis and threshold between two clouds of single shots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qdash_analysis.inputs import Floats, validate_complex

Shots = NDArray[np.complex128]

_AT_LEAST = 20
_BINS = 512
_MERGED = 4
_MARGIN = 0.15
_RANGED = 1024
_NEAR_BEST = 0.5
JEFFREYS = 0.5
"""Errors and correct assignments that Jeffreys' prior adds to the counts."""


def make_axis_histograms(iq0: ArrayLike, iq1: ArrayLike) -> tuple[Floats, Floats]:
    """Return histograms of single shots along Fisher's axis, from which a threshold can be chosen.

    Parameters
    ----------
    iq0, iq1
        As in `fit_readout`.

    Returns
    -------
    numpy.ndarray, numpy.ndarray
        Shots with 0 and with 1 prepared in each of 128 bins common to both, shape ``(128,)``; 1 lies at the upper end.

    Raises
    ------
    ValueError
        As in `fit_readout`.
    """
    clouds = validate_shots("iq0", iq0), validate_shots("iq1", iq1)
    rotation = float(compute_fisher_axes(_sum_all(clouds[0])[None], _sum_all(clouds[1])[None])[0])
    values = [project_on_axis(shots, rotation) for shots in clouds]
    bins = Bins.from_values(*values)
    counts = (
        bins.count_by_group(v, np.zeros(v.size, dtype=np.intp), 1).reshape(-1, _MERGED).sum(axis=1)
        for v in values
    )
    zero, one = counts
    return zero, one


def compute_best_fidelities(counts0: Floats, counts1: Floats) -> tuple[Floats, Floats]:
    """Return 1 - p(1|0) and 1 - p(0|1) at the best threshold of each pair of histograms, shape ``(n,)``.

    `counts0` and `counts1` are from `make_axis_histograms`, shape ``(n, bins)``. The threshold is optimised on the same
    shots, which biases the result slightly upwards: for unbiased fidelities use `fit_readout`.
    """
    edges = find_best_edges(counts0, counts1)[:, None]
    p10, p01 = (np.take_along_axis(p, edges, axis=1)[:, 0] for p in compute_errors_above(counts0, counts1))
    return 1 - p10, 1 - p01


@dataclass(frozen=True, slots=True)
class Bins:
    """Bins on an axis, fine compared with the noise; the outermost include everything beyond."""

    low: float
    step: float

    @classmethod
    def from_values(cls, *clouds: Floats) -> Bins:
        """Return bins that cover both clouds except for one outlying shot in five hundred."""
        ends = []
        for values in clouds:
            some = values[:: max(1, values.size // _RANGED)]
            beyond = some.size // 500
            ends.append(np.partition(some, (beyond, some.size - 1 - beyond))[[beyond, -1 - beyond]])
        low, high = float(np.min(ends)), float(np.max(ends))
        margin = _MARGIN * (high - low)
        return cls(low - margin, (high - low + 2 * margin) / _BINS or 1.0)

    def count_by_group(self, values: Floats, group: NDArray[Any], groups: int) -> Floats:
        """Return the histogram of each group, shape ``(groups, bins)``."""
        place = ((values - self.low) * (1 / self.step)).astype(np.intp)
        np.minimum(np.maximum(place, 0, out=place), _BINS - 1, out=place)
        counted = np.bincount(place + _BINS * group, minlength=_BINS * groups)
        return counted.reshape(groups, _BINS).astype(np.float64)

    def get_upper_edge(self, index: NDArray[np.intp]) -> Floats:
        """Return the upper edge of bins."""
        return np.asarray(self.low + (index + 1) * self.step)


def validate_shots(name: str, shots: ArrayLike) -> Shots:
    array = validate_complex(name, shots)
    if array.size < _AT_LEAST:
        raise ValueError(f"{name} is too short: {array.size} shots, at least {_AT_LEAST} are needed")
    return array


def project_on_axis(shots: Shots, rotation: float) -> Floats:
    return np.asarray((shots * np.exp(-1j * rotation)).real)


def sum_by_group(shots: Shots, group: NDArray[np.intp], groups: int) -> Floats:
    """Return numbers of shots, and sums of I, Q, I², Q², IQ, by group, shape ``(groups, 6)``, for means and covariances."""
    i, q = shots.real, shots.imag
    terms = [np.bincount(group, weights=term, minlength=groups) for term in (i, q, i * i, q * q, i * q)]
    return np.stack([np.bincount(group, minlength=groups), *terms], axis=1)


def _sum_all(shots: Shots) -> Floats:
    """Return the same sums over all shots, shape ``(6,)``."""
    i, q = np.ascontiguousarray(shots.real), np.ascontiguousarray(shots.imag)
    return np.array([shots.size, i.sum(), q.sum(), i @ i, q @ q, i @ q])


def compute_fisher_axes(sums0: Floats, sums1: Floats) -> Floats:
    """Return the angles of Fisher's discriminant, shape ``(k,)``, from `sum_by_group` of shape ``(k, 6)``."""
    means, pooled = [], np.zeros((sums0.shape[0], 2, 2))
    for count, i, q, ii, qq, iq in (sums0.T, sums1.T):
        means.append(np.stack([i, q], axis=1) / count[:, None])
        crossed = iq - i * q / count
        pooled += np.stack([ii - i * i / count, crossed, crossed, qq - q * q / count], axis=1).reshape(
            -1, 2, 2
        )
    # Clouds on a line have a singular covariance: a small isotropic noise keeps the axis defined.
    pooled += 1e-9 * np.trace(pooled, axis1=1, axis2=2)[:, None, None] * np.eye(2)
    along, across = np.linalg.solve(pooled, (means[1] - means[0])[..., None])[..., 0].T
    return np.asarray(np.arctan2(across, along))


def find_best_edges(counts0: Floats, counts1: Floats) -> NDArray[np.intp]:
    """Return the last bin below the threshold with the fewest errors, for counts ``(k, bins)``.

    Both states have equal weight. A noisy minimum is replaced by the middle of the range within half its standard
    error.
    """
    p10, p01 = compute_errors_above(counts0, counts1)
    errors = p10 + p01
    best = errors.argmin(axis=1)[:, None]
    variances = [
        compute_share_variance(np.take_along_axis(p, best, axis=1), counts.sum(axis=1, keepdims=True))
        for p, counts in ((p10, counts0), (p01, counts1))
    ]
    limit = np.take_along_axis(errors, best, axis=1) + _NEAR_BEST * np.sqrt(variances[0] + variances[1])
    near = errors <= limit
    return np.asarray((near.argmax(axis=1) + near.shape[1] - 1 - near[:, ::-1].argmax(axis=1)) // 2)


def compute_errors_above(counts0: Floats, counts1: Floats) -> tuple[Floats, Floats]:
    """Return p(1|0) and p(0|1) for a threshold above each bin."""
    below0, below1 = np.cumsum(counts0, axis=1), np.cumsum(counts1, axis=1)
    return 1 - below0 / below0[:, -1:], below1 / below1[:, -1:]


def compute_share_variance(share: Floats, shots: Floats) -> Floats:
    """Return the variance of a probability observed as a `share` of `shots`, which is never zero."""
    wrong, right = share * shots + JEFFREYS, (1 - share) * shots + JEFFREYS
    total = wrong + right
    return np.asarray(wrong * right / (total**2 * (total + 1)))
