"""Repeated slices of one tone, each as one matrix on density matrices.

Computing the matrix takes as long as some dozen uses, so it is made only for slices that were used that often.
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
"""Number of uses after which computing the matrix pays off."""
_LARGEST = 16
"""Largest number of states for which matrices are computed: the matrix of two qubits has 0.3 MB, that of three 26 MB."""


def evolve_repeated(
    circuit: Circuit, played: PlayedTones, states: Complexes, through: Callable[[Complexes], Complexes]
) -> Complexes:
    """Return density matrices (..., d, d) after a slice of one tone, if used often as a cached matrix.

    `through` computes the evolution segment by segment.
    """
    size = states.shape[-1]
    if size > _LARGEST:
        return through(states)
    matrix = _get_cache(circuit, played).count_use(lambda: _make_matrix(through, size), after=_UNPAID_USES)
    if matrix is None:
        return through(states)
    return np.asarray((states.reshape(-1, size**2) @ matrix).reshape(states.shape))


def _make_matrix(through: Callable[[Complexes], Complexes], size: int) -> Complexes:
    """Return the matrix on vectorised density matrices; each row is the image of one element."""
    units = np.eye(size**2, dtype=np.complex128).reshape(-1, size, size)
    return through(units).reshape(size**2, size**2)


@lru_cache(maxsize=64)
def _get_cache(circuit: Circuit, played: PlayedTones) -> DeferredCache[Complexes]:  # noqa: ARG001  of what
    return DeferredCache()
