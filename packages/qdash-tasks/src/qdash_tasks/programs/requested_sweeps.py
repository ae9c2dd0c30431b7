"""Sources of a sweep: requested values, and known values of the target."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_core.tasks.base import RunContext


def read_requested_sweep(context: RunContext, name: str, *, fewest: int) -> NDArray[np.float64] | None:
    """Read the distinct values of run parameter `name`, ascending; return None if none are requested.

    Raises `InvalidInputError` if there are fewer than `fewest`.
    """
    asked = context.parameters.get(name)
    if asked is None:
        return None
    sweep = np.unique(np.asarray(asked, dtype=np.float64))
    if sweep.size < fewest:
        raise InvalidInputError(f"{name}: {sweep.size} different values, at least {fewest} are needed")
    return sweep


def read_known_value(context: RunContext, name: str) -> float | None:
    """Read input `name` in its unit; return None unless it is known and positive."""
    known = context.inputs.get(name)
    return None if known is None or known.value <= 0 else known.value
