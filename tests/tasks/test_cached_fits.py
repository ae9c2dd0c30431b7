"""Cached fits: the last fit of a search is that of the result, and is not repeated."""

import numpy as np

from qdash_analysis import FitResult
from qdash_tasks.programs.cached_fits import cache_fit


def counting():
    calls = []

    @cache_fit
    def fit(x, y, *, sigma=None, angle=0.0):
        calls.append((x, y, sigma, angle))
        return FitResult(success=True, message=f"call {len(calls)}")

    return fit, calls


def test_equal_arguments_are_fitted_once():
    fit, calls = counting()
    x, y = np.arange(5.0), np.ones(5)
    first = fit(x, y, sigma=0.1 * y)
    assert fit(x.copy(), y.copy(), sigma=0.1 * y) is first
    assert len(calls) == 1


def test_whatever_differs_is_fitted_anew():
    fit, calls = counting()
    x, y = np.arange(5.0), np.ones(5)
    fit(x, y)
    fit(y, x)
    fit(x, y, sigma=y)
    fit(x, y, angle=1.0)
    fit(x.astype(np.float32), y)
    fit(x, y * (1 + 1e-15))
    assert len(calls) == 6


def test_the_oldest_is_forgotten():
    fit, calls = counting()
    for offset in range(600):
        fit(np.array([offset]), np.zeros(1))
    fit(np.array([599]), np.zeros(1))
    assert len(calls) == 600
    fit(np.array([0]), np.zeros(1))
    assert len(calls) == 601
