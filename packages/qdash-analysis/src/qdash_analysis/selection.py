"""Correction of the selection bias of a value that is reported only if it is significant.

A decay is reported if the trace is curved. Of weakly curved traces, those pass whose curvature is larger by chance, so
their times are too short. The remedy is the likelihood of the estimate given that it was reported (Zhong and Prentice,
Biostatistics 9, 621 (2008)); a result with an uncertainty of more than a half is rejected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from qdash_analysis.inputs import Floats

CLEAR = 4.0
"""Significance beyond the required one at which selection has no effect."""

_REACH = 4.0
_LEAST = 0.02
_POINTS = 200
_LONGEST = 50.0
"""Logarithm of a correction beyond which the value is rejected anyway."""


def correct_for_selection(
    time: tuple[float, float], *, evidence: float, needed: float, common: float
) -> tuple[float, float]:
    """Return a time and its error, corrected for the selection.

    Parameters
    ----------
    evidence
        Significance of the curvature that determines the time, in its own errors.
    needed
        Least significance at which it is reported.
    common
        Minus the correlation of the errors of curvature and time, 0 to 1.

    Returns
    -------
        Geometric mean and width of the time's distribution given that it was reported.
    """
    from scipy.special import log_ndtr

    value, error = time
    true = np.linspace(_LEAST, evidence + _REACH, _POINTS)
    plain = -((true - evidence) ** 2) / 2
    slowness = -evidence * error / value * np.log(true / evidence)
    centre, width = _compute_moments(slowness, plain - log_ndtr(true - needed))
    plain_centre, plain_width = _compute_moments(slowness, plain)
    corrected = value * float(np.exp(min(common * (centre - plain_centre), _LONGEST)))
    wider = float(np.sqrt(1 + common**2 * ((width / plain_width) ** 2 - 1)))
    return corrected, error * corrected / value * wider


def _compute_moments(values: Floats, log_weights: Floats) -> tuple[float, float]:
    """Return mean and standard deviation."""
    weights = np.exp(log_weights - log_weights.max())
    weights /= weights.sum()
    mean = float(weights @ values)
    return mean, float(np.sqrt(weights @ (values - mean) ** 2))
