"""Drift of the gain or phase of a readout line during the sweep, which resembles another size of the resonance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.evidence import compute_false_alarm
from qdash_analysis.leastsq import solve
from qdash_analysis.notch import compute_cable, compute_detuning, split_quadratures

if TYPE_CHECKING:
    from qdash_analysis.inputs import Floats, Trace
    from qdash_analysis.notch import FrequencyWindow
    from qdash_analysis.solution import Solution

_WAVES = 2
_DOUBTFUL = 0.05
"""Accepted share of steady gains whose errors include that they may drift."""


@dataclass(frozen=True, slots=True)
class DriftingGainBasis:
    """Cable, notch and slow waves of the gain; theta = (that of `NotchBasis`, cosine and sine of each wave).

    The waves are those of the amplitude; as many more, if any, are those of the phase.
    """

    window: FrequencyWindow

    def __call__(self, x: Floats, theta: Floats) -> Floats:
        """Evaluate; `x` holds every frequency twice, for the real and the imaginary part."""
        place = self.window.place(x[: x.size // 2])
        turns = 2 * np.pi * np.arange(1, _WAVES + 1)[:, None] * place
        waves = np.concatenate([np.cos(turns), np.sin(turns)])
        amplitude, phase = theta[..., 4 : 4 + len(waves)], theta[..., 4 + len(waves) :]
        gain = 1 + amplitude @ waves + (1j * phase @ waves if phase.size else 0)
        carrier = gain * compute_cable(place, theta[..., 2:4])
        line = carrier / (1 + 1j * compute_detuning(place, theta))
        return split_quadratures(np.stack([carrier, line], axis=-2))


def fit_gain_drift(trace: Trace, window: FrequencyWindow, steady: Solution) -> list[Solution]:
    """Return fits with a drift of the amplitude, and of amplitude and phase, unless a steady gain is as good.

    theta begins with that of `NotchBasis`.
    """
    drifting = (_fit_waves(trace, window, steady, count * 2 * _WAVES) for count in (1, 2))
    return [one for one in drifting if one is not None]


def _fit_waves(trace: Trace, window: FrequencyWindow, steady: Solution, waves: int) -> Solution | None:
    """Return the fit with that number of coefficients of waves, or None if a steady gain describes the trace as well."""
    drifting = solve(DriftingGainBasis(window), trace, np.append(steady.theta, np.zeros(waves)))
    doubt = compute_false_alarm(
        steady.chi2,
        drifting,
        extra=waves,
        trials=1,
        sigma_known=trace.sigma_known,
        correlated=drifting.inflation,
    )
    return None if doubt > _DOUBTFUL else drifting
