"""Undoes what selection does to a value that is reported only where it is significant.

A decay is reported if the trace bends. Of weakly bent traces those pass which chance bends more, that is those whose time
comes out short: over two T1, at a contrast of six times the noise, one in eight passes, and these are two errors short on
average. The remedy is the likelihood of the estimate given that it was reported (Zhong and Prentice, Biostatistics 9, 621
(2008)); what it leaves uncertain by more than a half is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from qdash_analysis.inputs import Floats

CLEAR = 4.0
"""Significance beyond the needed one at which selection changes nothing."""

_REACH = 4.0
_LEAST = 0.02
_POINTS = 200
_LONGEST = 50.0
"""Logarithm of a correction beyond which the value is refused anyway."""


def given_seen(
    time: tuple[float, float], *, evidence: float, needed: float, common: float
) -> tuple[float, float]:
    """Correct a time and its error for having been reported.

    Parameters
    ----------
    time
        Value and 1-sigma error.
    evidence
        Significance of the bend that determines the time, in errors of its own.
    needed
        Least significance at which it is reported.
    common
        How far bend and time are wrong together: minus the correlation of their errors, 0 to 1.

    Returns
    -------
    value, error
        Geometric mean and width of the time's distribution given that it was reported. The bend is taken to fall with a
        power of the time, the one that makes the errors of both agree.
    """
    from scipy.special import log_ndtr

    value, error = time
    true = np.linspace(_LEAST, evidence + _REACH, _POINTS)
    plain = -((true - evidence) ** 2) / 2
    slowness = -evidence * error / value * np.log(true / evidence)
    centre, width = _moments(slowness, plain - log_ndtr(true - needed))
    plain_centre, plain_width = _moments(slowness, plain)
    corrected = value * float(np.exp(min(common * (centre - plain_centre), _LONGEST)))
    wider = float(np.sqrt(1 + common**2 * ((width / plain_width) ** 2 - 1)))
    return corrected, error * corrected / value * wider


def _moments(values: Floats, log_weights: Floats) -> tuple[float, float]:
    """Mean and standard deviation."""
    weights = np.exp(log_weights - log_weights.max())
    weights /= weights.sum()
    mean = float(weights @ values)
    return mean, float(np.sqrt(weights @ (values - mean) ** 2))
