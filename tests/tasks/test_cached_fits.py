"""Cache of fits: an analysis does not repeat the fits of its measurement."""

from __future__ import annotations

import numpy as np
import pytest

from qdash_analysis.result import FitResult
from qdash_tasks.programs.cached_fits import FitCache

DATA = np.arange(5.0)


class CountedFit:
    """A fit that counts its calls."""

    __name__ = "counted"

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, x: np.ndarray, *, shots: int = 1) -> FitResult:
        self.calls += 1
        return FitResult(success=bool(x.sum() > shots), message="")


def test_equal_data_are_fitted_once_and_others_again() -> None:
    cache, fit = FitCache(), CountedFit()
    cached = cache.wrap(fit)
    assert cached(DATA) is cached(DATA.copy())
    for other in (DATA + 1, DATA.astype(np.float32), DATA.reshape(5, 1)):
        cached(other)
    cached(DATA, shots=2)
    assert fit.calls == 5


def test_a_rejection_is_cached_too() -> None:
    fit = CountedFit()
    cached = FitCache().wrap(fit)
    assert not cached(DATA, shots=100).success
    cached(DATA, shots=100)
    assert fit.calls == 1


@pytest.mark.parametrize(("measurements", "calls"), [(1, 1), (2, 2)])
def test_fits_are_kept_while_the_next_measurement_runs(measurements: int, calls: int) -> None:
    cache, fit = FitCache(), CountedFit()
    cached = cache.wrap(fit)
    cached(DATA)
    for _ in range(measurements):
        cache.begin_measurement()
    cached(DATA)
    assert fit.calls == calls


def test_fits_of_a_large_group_are_all_kept_and_older_ones_forgotten() -> None:
    cache, fit = FitCache(), CountedFit()
    cached = cache.wrap(fit)
    for number in range(1500):
        cached(DATA + number)
    for number in range(1499, 1499 - 512, -1):
        cached(DATA + number)
    assert fit.calls == 1500
    cached(DATA)
    assert fit.calls == 1501
