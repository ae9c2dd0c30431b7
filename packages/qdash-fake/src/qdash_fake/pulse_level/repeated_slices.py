"""Repeated slices of one tone, each as a matrix on density matrices.

Random sequences play the same few slices thousands of times. Computing a matrix costs as much as some dozen uses,
and then it replaces all segments of the slice. It is therefore computed for slices that were used that often.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from qdash_fake.pulse_level.deferred_cache import DeferredCache

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from qdash_fake.pulse_level.circuit import Circuit
    from qdash_fake.pulse_level.slices import PlayedTones

    Complexes = NDArray[np.complex128]

_UNPAID_USES = 47
"""Number of uses that takes as long as building a matrix."""
_LARGEST = 16
"""Levels of all qubits together: a matrix of two qubits has 0.3 MB, one of three 26 MB."""


def after_repeated(
    circuit: Circuit, played: PlayedTones, states: Complexes, through: Callable[[Complexes], Complexes]
) -> Complexes:
    """Return density matrices (..., d, d) after a slice of one tone, by its matrix once it was used often.

    Parameters
    ----------
    through
        Computes the evolution segment by segment.
    """
    size = states.shape[-1]
    if size > _LARGEST:
        return through(states)
    matrix = _uses(circuit, played).next(lambda: _matrix(through, size), after=_UNPAID_USES)
    if matrix is None:
        return through(states)
    return np.asarray((states.reshape(-1, size**2) @ matrix).reshape(states.shape))


def _matrix(through: Callable[[Complexes], Complexes], size: int) -> Complexes:
    """Return the matrix on vectorised density matrices; each row is the image of one element."""
    units = np.eye(size**2, dtype=np.complex128).reshape(-1, size, size)
    return through(units).reshape(size**2, size**2)


@lru_cache(maxsize=64)
def _uses(circuit: Circuit, played: PlayedTones) -> DeferredCache[Complexes]:  # noqa: ARG001  of what
    return DeferredCache()
