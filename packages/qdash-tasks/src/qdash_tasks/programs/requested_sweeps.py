"""Sweeps that somebody asks for, in place of those that a task would choose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_core.tasks.base import RunContext


def requested_sweep(context: RunContext, name: str, *, fewest: int) -> NDArray[np.float64] | None:
    """Return the different values of run parameter `name`, ascending, in its unit; None: nobody asks for any.

    Raises
    ------
    InvalidInputError
        If they are fewer than `fewest`, which the analysis needs.
    """
    asked = context.parameters.get(name)
    if asked is None:
        return None
    sweep = np.unique(np.asarray(asked, dtype=np.float64))
    if sweep.size < fewest:
        raise InvalidInputError(f"{name}: {sweep.size} different values, at least {fewest} are needed")
    return sweep
