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
"""Number of cached results, at least, if no measurement begins: those of a whole group, measured before any of it is analysed."""


class FitCache:
    """Latest results of fits by their input: program and analysis fit the same last sweep.

    Results are kept while the next measurement runs, during which those of the last one are analysed.
    """

    def __init__(self) -> None:
        self._results: dict[bytes, FitResult] = {}
        self._earlier: dict[bytes, FitResult] = {}

    def begin_measurement(self) -> None:
        """Forget the results from before the last measurement began."""
        self._earlier, self._results = self._results, {}

    def wrap(self, fit: Callable[..., FitResult]) -> Callable[..., FitResult]:
        """Return `fit` with this cache."""

        @wraps(fit)
        def call(*args: object, **kwargs: object) -> FitResult:
            key = _digest(fit.__name__, args, kwargs)
            result = self._results.get(key, self._earlier.get(key))
            if result is None:
                result = fit(*args, **kwargs)
                if len(self._results) >= _KEPT:
                    self.begin_measurement()
                self._results[key] = result
            return result

        return call


def _digest(name: str, args: tuple[object, ...], kwargs: dict[str, object]) -> bytes:
    digest = blake2b(name.encode())
    for place, value in (*enumerate(args), *sorted(kwargs.items())):
        digest.update(f"{place} ".encode())
        if isinstance(value, np.ndarray):
            digest.update(f"{value.dtype} {value.shape} ".encode())
            digest.update(value.tobytes())
        else:
            digest.update(f"{value!r} ".encode())
    return digest.digest()


FITS = FitCache()
"""Cache of all fits of this process."""

fit_cr_tomography = FITS.wrap(qdash_analysis.fit_cr_tomography)
fit_drag = FITS.wrap(qdash_analysis.fit_drag)
fit_pulse_train = FITS.wrap(qdash_analysis.fit_pulse_train)
fit_qubit_spectroscopy = FITS.wrap(qdash_analysis.fit_qubit_spectroscopy)
fit_ramsey = FITS.wrap(qdash_analysis.fit_ramsey)
fit_rb = FITS.wrap(qdash_analysis.fit_rb)
fit_readout_frequency = FITS.wrap(qdash_analysis.fit_readout_frequency)
fit_t1 = FITS.wrap(qdash_analysis.fit_t1)
fit_t2_echo = FITS.wrap(qdash_analysis.fit_t2_echo)
fit_zz = FITS.wrap(qdash_analysis.fit_zz)
