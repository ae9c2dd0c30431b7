"""Cache of fits: the last fit of a search is also that of the result."""

from __future__ import annotations

from functools import wraps
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

import qdash_analysis

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_analysis.result import FitResult

_KEPT = 512
"""Number of cached results per fit: those of a whole group, measured before any of it is analysed."""


def cache_fit(fit: Callable[..., FitResult]) -> Callable[..., FitResult]:
    """Return `fit` with a cache of its latest results: program and analysis fit the same last sweep."""
    found: dict[bytes, FitResult] = {}

    @wraps(fit)
    def call(*args: object, **kwargs: object) -> FitResult:
        key = _digest(args, kwargs)
        result = found.get(key)
        if result is None:
            result = fit(*args, **kwargs)
            if len(found) >= _KEPT:
                found.pop(next(iter(found)), None)
            found[key] = result
        return result

    return call


def _digest(args: tuple[object, ...], kwargs: dict[str, object]) -> bytes:
    digest = blake2b()
    for name, value in (*enumerate(args), *sorted(kwargs.items())):
        digest.update(f"{name} ".encode())
        if isinstance(value, np.ndarray):
            digest.update(f"{value.dtype} {value.shape} ".encode())
            digest.update(value.tobytes())
        else:
            digest.update(f"{value!r} ".encode())
    return digest.digest()


fit_cr_tomography = cache_fit(qdash_analysis.fit_cr_tomography)
fit_drag = cache_fit(qdash_analysis.fit_drag)
fit_pulse_train = cache_fit(qdash_analysis.fit_pulse_train)
fit_qubit_spectroscopy = cache_fit(qdash_analysis.fit_qubit_spectroscopy)
fit_ramsey = cache_fit(qdash_analysis.fit_ramsey)
fit_rb = cache_fit(qdash_analysis.fit_rb)
fit_readout_frequency = cache_fit(qdash_analysis.fit_readout_frequency)
fit_t1 = cache_fit(qdash_analysis.fit_t1)
fit_t2_echo = cache_fit(qdash_analysis.fit_t2_echo)
fit_zz = cache_fit(qdash_analysis.fit_zz)
