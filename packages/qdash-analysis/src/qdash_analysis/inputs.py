"""Validation of input arrays, on which the fits rely."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_LARGEST = 1e50
_FAINTEST = 1e-20
_EVEN = 1e-3


@dataclass(frozen=True)
class Trace:
    """Validated measurement, sorted by `x`, all of shape ``(n,)``.

    `sigma` is the 1-sigma noise of each `y` if `sigma_known`, otherwise a relative weight.
    """

    x: Floats
    y: Floats
    sigma: Floats
    sigma_known: bool

    @cached_property
    def span(self) -> float:
        """Width of the window, in the unit of `x`."""
        return float(self.x[-1] - self.x[0])

    @cached_property
    def step(self) -> float:
        """Typical distance between neighbouring points, in the unit of `x`."""
        steps = np.sort(np.diff(self.x))
        return float(steps[steps.size // 2] + steps[(steps.size - 1) // 2]) / 2

    @cached_property
    def is_even(self) -> bool:
        """True if all steps are equal to a thousandth."""
        steps = np.diff(self.x)
        return bool(steps.max() - steps.min() <= _EVEN * steps.max())

    def select(self, keep: NDArray[np.bool_]) -> Trace:
        """Return the points where `keep` is true."""
        return Trace(self.x[keep], self.y[keep], self.sigma[keep], self.sigma_known)


def validate_real(name: str, values: ArrayLike) -> Floats:
    """Return `values` as a finite 1-D float array, or raise `ValueError` naming `name`."""
    array = _reject_masked(name, values)
    if np.iscomplexobj(array):
        raise ValueError(
            f"{name} must be real, got complex numbers: make a real signal of them with qdash_analysis.project first"
        )
    return _require_finite(name, array).astype(np.float64)


def validate_signal(name: str, values: ArrayLike) -> Floats:
    """Validate as `validate_real`; also reject a signal so small that its squares vanish in rounding."""
    array = validate_real(name, values)
    if array.any() and np.abs(array).max() < _FAINTEST:
        raise ValueError(
            f"{name} is below {_FAINTEST:g} everywhere, where squares pass for rounding: change its unit"
        )
    return array


def validate_complex(name: str, values: ArrayLike) -> NDArray[np.complex128]:
    """Return `values` as a finite 1-D complex array, or raise `ValueError` naming `name`."""
    return _require_finite(name, _reject_masked(name, values)).astype(np.complex128)


def _reject_masked(name: str, values: ArrayLike) -> NDArray[Any]:
    """Return `values` as an array; raise `ValueError` if points are masked, which numpy would unmask."""
    if np.ma.is_masked(values):
        raise ValueError(f"{name} has masked points: leave them out of all arrays")
    return np.asarray(values)


def _require_finite(name: str, array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype.kind not in "biufc":
        raise ValueError(f"{name} must hold numbers, got dtype {array.dtype}")
    if array.ndim != 1:
        raise ValueError(f"{name} must be one-dimensional, got shape {array.shape}")
    finite = np.isfinite(array)
    if not finite.all():
        bad = int(finite.argmin())
        raise ValueError(f"{name} must be finite, got {array[bad]} at index {bad}")
    # As a double: half and single precision overflow at the limit itself.
    if array.size and float(np.abs(array).max()) > _LARGEST:
        raise ValueError(
            f"{name} must stay below {_LARGEST:g}, beyond which squares overflow: change its unit"
        )
    return array


def validate_trace(x: ArrayLike, y: ArrayLike, sigma: ArrayLike | None, *, at_least: int) -> Trace:
    """Return a validated real trace.

    `sigma` is a scalar or of shape ``(n,)``; `at_least` is the fewest points that the fit needs.

    Raises
    ------
    ValueError
        If an array is not 1-D, not finite, too short, of another length than `x`; if `x` does not ascend;
        if `sigma` is not positive.
    """
    abscissa = validate_ascending("x", x, at_least=at_least)
    signal = validate_signal("y", y)
    require_same_length(abscissa, signal)
    return Trace(abscissa, signal, validate_sigma(sigma, abscissa.size), sigma is not None)


def validate_ascending(name: str, values: ArrayLike, *, at_least: int) -> Floats:
    """Return `values` as a strictly ascending array of at least `at_least` points, or raise `ValueError`."""
    array = validate_real(name, values)
    if array.size < at_least:
        raise ValueError(f"{name} is too short: {array.size} points, at least {at_least} are needed")
    ascends = array[1:] > array[:-1]
    if not ascends.all():
        raise ValueError(
            f"{name} must be sorted and without repeats, but it does not ascend at index {int(ascends.argmin()) + 1}"
        )
    return array


def require_same_length(x: NDArray[Any], y: NDArray[Any]) -> None:
    """Raise `ValueError` unless `x` and `y` are of equal length."""
    if x.size != y.size:
        raise ValueError(f"x and y must be of equal length, got {x.size} and {y.size}")


def validate_sigma(sigma: ArrayLike | None, size: int) -> Floats:
    """Return one positive 1-sigma per point (all ones for ``None``), or raise `ValueError`."""
    if sigma is None:
        return np.ones(size)
    given = np.asarray(sigma)
    array = np.full(size, given) if given.ndim == 0 else sigma
    checked = validate_real("sigma", array)
    if checked.size != size:
        raise ValueError(f"sigma must be a scalar or as long as x and y ({size}), got {checked.size}")
    if (checked <= 0).any():
        index = int(np.flatnonzero(checked <= 0)[0])
        raise ValueError(f"sigma must be positive, got {checked[index]} at index {index}")
    if size and checked.min() < 1 / _LARGEST:
        raise ValueError(
            f"sigma must stay above {1 / _LARGEST:g}, below which its inverse overflows: change its unit"
        )
    return checked
