"""Prior of the noise of a series from the other series of its group.

G. K. Smyth, Statistical Applications in Genetics and Molecular Biology 3, 3 (2004); robust, as in B. Phipson et al., Annals of
Applied Statistics 10, 946 (2016).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_analysis.trends.level_model import Flags, Floats

_LARGEST_DF = 20.0
_SMALLEST_GROUP = 4
_LARGEST_EXCESS = 2.5


def pool_factors(
    factors: Floats, lengths: Floats, groups: NDArray[np.intp], start: Floats
) -> tuple[Floats, Floats]:
    """Return degrees of freedom and variance of the prior of each series.

    `factors` are estimated variances, `lengths` numbers of samples, and `start` variances that a step hardly affects,
    all of shape (series,).
    """
    df, variance = np.ones(len(factors)), start.copy()
    for group in np.unique(groups):
        chosen = groups == group
        if chosen.sum() < _SMALLEST_GROUP:
            continue
        half = np.maximum((lengths[chosen] - 1) / 2, 1.0)
        logarithms = np.log(factors[chosen]) + 1 / (2 * half)
        centre = np.median(logarithms)
        spread = (1.4826 * np.median(np.abs(logarithms - centre))) ** 2
        rest = spread - np.median(1 / half + 1 / (2 * half**2))
        df[chosen] = _LARGEST_DF if rest <= 0 else np.clip(2 / rest + 1, 1.0, _LARGEST_DF)
        variance[chosen] = np.exp(centre)
        # A series that is much noisier than the others of its group has a scale of its own (Phipson 2016).
        alone = chosen & (_compute_excess(np.log(start), chosen) > _LARGEST_EXCESS)
        df[alone], variance[alone] = 1.0, start[alone]
    return df, variance


def _compute_excess(logarithms: Floats, chosen: Flags) -> Floats:
    """Return the excess of each series over the median of a group, in robust standard deviations of the group."""
    centre = np.median(logarithms[chosen])
    spread = 1.4826 * np.median(np.abs(logarithms[chosen] - centre))
    return np.asarray((logarithms - centre) / max(spread, 1e-3))
