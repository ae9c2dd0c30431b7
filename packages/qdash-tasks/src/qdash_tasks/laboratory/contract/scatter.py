"""Scatter of repeated measurements compared with their stated errors."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_tasks.laboratory.trace import Trace

DIRECTIONS: Mapping[str, complex] = MappingProxyType(
    {"I": 1.0, "Q": 1j, "I + Q": (1 + 1j) / np.sqrt(2), "I - Q": (1 - 1j) / np.sqrt(2)}
)
"""Directions in the IQ plane; the last two depend on the covariance."""


def compute_reduced_chi2(batches: Sequence[Sequence[Trace]]) -> dict[str, float]:
    """Return the mean squared deviation from the mean, in units of the stated variance, by direction.

    It is 1 if the stated errors are correct, to ``sqrt(2 / freedom)``, with the number of points less one per batch as
    ``freedom``. `batches` holds repetitions by call, at least two each: the IQ plane may rotate between calls.
    """
    found = {}
    for name, along in DIRECTIONS.items():
        squares = freedom = 0.0
        for batch in batches:
            values = np.array([(trace.iq * np.conj(along)).real for trace in batch])
            variances = np.array([compute_variance(trace, along) for trace in batch])
            off = values - values.mean(axis=0)
            squares += float((off**2 / variances).sum())
            freedom += off.size * (1 - 1 / len(batch))
        found[name] = squares / freedom
    return found


def compute_variance(trace: Trace, along: complex) -> np.ndarray:
    """Return the variance that a trace states along a unit vector in the IQ plane."""
    one, other = along.real, along.imag
    given: np.ndarray = (
        (one * trace.sigma.real) ** 2 + (other * trace.sigma.imag) ** 2 + 2 * one * other * trace.covariance
    )
    return given
