"""What can be measured at all: numbers of shots and sweeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


def check_shots(shots: int) -> None:
    """Raise `InvalidInputError` unless so many shots can be taken."""
    if isinstance(shots, bool) or not isinstance(shots, (int, np.integer)) or shots < 1:
        raise InvalidInputError(f"shots: {shots!r} is not a positive whole number")


def checked_sweep(target: str, sweep: ArrayLike, *, signed: bool = False) -> Floats:
    """Return a sweep as an array, or raise `InvalidInputError` that says what cannot be measured."""
    values = np.array(sweep, dtype=np.float64)
    if values.ndim != 1 or not values.size or not np.isfinite(values).all():
        raise InvalidInputError(f"sweep of {target}: a sweep is a list of finite numbers")
    if not signed and (values < 0).any():
        raise InvalidInputError(f"sweep of {target}: none of its numbers may be negative")
    return values
