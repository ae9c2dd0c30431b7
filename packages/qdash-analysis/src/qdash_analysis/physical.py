"""Estimates of physical states from raw ones that may be unphysical, with intervals of possible values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.result import Estimate, FitResult

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class StateResult(FitResult):
    """Result of a fit of a quantum state.

    `parameters` are those of a physical state, each with its `interval`. Near a pure state such an estimate
    is necessarily biased to one side (Schwemmer et al., PRL 114, 080403 (2015)): `raw` is unbiased.

    Attributes
    ----------
    raw
        The same parameters by linear inversion of the data, physical or not; errors are standard deviations.
    density_matrix
        Physical density matrix, shape ``(4, 4)``, in the order 00, 01, 10, 11; ``None`` if the data were
        rejected or do not determine it.
    """

    raw: dict[str, Estimate] = field(default_factory=dict)
    density_matrix: NDArray[np.complex128] | None = field(default=None, repr=False, compare=False)


def clip_estimate(value: float, raw: Estimate, *, least: float, most: float) -> Estimate:
    """Return the value of a physical state, with the interval of its possible values.

    The interval is one standard deviation of the raw estimate about it, moved to the nearest possible numbers: the
    truth lies in it in 68 % of all cases, within one deviation of an end of the range in 84 %. It is extended to
    include `value`. The error is the longer side.
    """
    value = float(np.clip(value, least, most))
    if raw.error is None:
        return Estimate(value, None, raw.unit)
    nearest = float(np.clip(raw.value, least, most))
    lower, upper = min(max(nearest - raw.error, least), value), max(min(nearest + raw.error, most), value)
    return Estimate(value, max(value - lower, upper - value), raw.unit, (lower, upper))
