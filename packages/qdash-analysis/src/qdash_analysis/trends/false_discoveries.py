"""Control of the rate of false discoveries among many tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_analysis.trends.level_model import Floats

FALSE_DISCOVERY_RATE = 0.05
"""Mean share of false discoveries among those of a page, for each kind."""


def compute_q_values(p_values: Floats) -> Floats:
    """Return the Benjamini-Hochberg q values: the smallest rate at which each p value is significant."""
    import numpy as np  # not needed for the rate alone

    order = np.argsort(p_values)
    scaled = p_values[order] * len(p_values) / np.arange(1, len(p_values) + 1)
    q_values = np.empty(len(p_values))
    q_values[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return q_values
