"""Gain of a readout line that wanders while a sweep is measured, which resembles another size of the resonance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.evidence import compute_false_alarm
from qdash_analysis.leastsq import solve
from qdash_analysis.notch import compute_cable, compute_detuning, split_quadratures
from qdash_analysis.residuals import compute_inflation

if TYPE_CHECKING:
    from qdash_analysis.inputs import Floats, Trace
    from qdash_analysis.notch import FrequencyWindow, OneLine
    from qdash_analysis.solution import Solution

_WAVES = 2
_DOUBTFUL = 0.05
"""Accepted share of steady gains whose errors include that they may wander."""


@dataclass(frozen=True, slots=True)
class WanderingBasis:
    """Cable, notch and slow waves of the gain; theta = (that of `NotchBasis`, cosine and sine of each wave)."""

    window: FrequencyWindow

    def __call__(self, x: Floats, theta: Floats) -> Floats:
        """Evaluate; `x` holds every frequency twice, for the real and the imaginary part."""
        place = self.window.place(x[: x.size // 2])
        turns = 2 * np.pi * np.arange(1, _WAVES + 1)[:, None] * place
        gain = 1 + theta[..., 4:] @ np.concatenate([np.cos(turns), np.sin(turns)])
        carrier = gain * compute_cable(place, theta[..., 2:4])
        line = carrier / (1 + 1j * compute_detuning(place, theta))
        return split_quadratures(np.stack([carrier, line], axis=-2))


def find_wandering_line(trace: Trace, window: FrequencyWindow, steady: Solution) -> list[OneLine]:
    """Return the line of a fit with a gain that wanders; none if a steady gain describes the trace as well."""
    start = np.append(steady.theta, np.zeros(2 * _WAVES))
    wandering = solve(WanderingBasis(window), trace, start)
    doubt = compute_false_alarm(
        steady.chi2,
        wandering,
        extra=2 * _WAVES,
        trials=1,
        sigma_known=trace.sigma_known,
        correlated=compute_inflation(wandering.residuals),
    )
    return [] if doubt > _DOUBTFUL else [(wandering.coefficients, wandering.theta[:4])]
