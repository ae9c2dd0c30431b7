"""From a raw estimate, which may be impossible, to that of a physical state, with an interval of what is possible."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.result import Estimate, FitResult

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class StateResult(FitResult):
    """What was found of a state.

    `parameters` are those of a physical state, each with its `interval`. Near a pure state such an estimate cannot but lie on
    one side of the truth (Schwemmer et al., PRL 114, 080403 (2015)): `raw` has no bias.

    Attributes
    ----------
    raw
        The same by linear inversion of the data, wherever that lies; errors are standard deviations.
    density_matrix
        The physical one, shape ``(4, 4)``, in the order 00, 01, 10, 11; ``None`` if the data were refused or do not tell it.
    """

    raw: dict[str, Estimate] = field(default_factory=dict)
    density_matrix: NDArray[np.complex128] | None = field(default=None, repr=False, compare=False)


def possible(value: float, raw: Estimate, *, least: float, most: float) -> Estimate:
    """Return the value of a physical state with the interval of what it can be.

    The interval is one standard deviation of the raw estimate about it, the raw estimate and the ends moved to the nearest
    possible number: the truth lies in it in 68 % of all cases, within one deviation of an end of the range in 84 %. So an
    impossible raw estimate gives no shorter an interval than the least likely possible one does. Where `value` is outside, it
    is widened to hold it. The error is the longer side.

    Parameters
    ----------
    value
        Of the physical state, possible but for rounding.
    least, most
        Ends of what is possible.
    """
    value = float(np.clip(value, least, most))
    if raw.error is None:
        return Estimate(value, None, raw.unit)
    nearest = float(np.clip(raw.value, least, most))
    lower, upper = min(max(nearest - raw.error, least), value), max(min(nearest + raw.error, most), value)
    return Estimate(value, max(value - lower, upper - value), raw.unit, (lower, upper))
