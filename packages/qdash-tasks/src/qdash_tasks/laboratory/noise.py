"""Noise of a laboratory's means, estimated from their scatter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_analysis import iq_noise
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def replace_zero_covariances(covariances: Floats, count: int) -> Floats:
    """Replace zero covariances as `iq_noise.replace_zeros`; raise `InvalidInputError` if every point has equal values."""
    try:
        return iq_noise.replace_zeros(covariances, count)
    except ValueError as error:
        raise InvalidInputError(str(error)) from error
