"""Drift of the gain or phase of a readout line during the sweep, which resembles another size of the resonance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.evidence import compute_false_alarm, may_pass
from qdash_analysis.leastsq import solve
from qdash_analysis.notch import (
    add_lines,
    compute_cable,
    compute_detuning,
    is_well_determined,
    split_quadratures,
)

if TYPE_CHECKING:
    from qdash_analysis.inputs import Floats, Trace
    from qdash_analysis.notch import FrequencyWindow
    from qdash_analysis.solution import Solution

_WAVES = 2
_BEYOND_LINEAR = 1.6
"""Factor by which the fit of a drift may improve chi² more than its linear terms do."""
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
        waves = _build_waves(place)
        amplitude, phase = theta[..., 4 : 4 + len(waves)], theta[..., 4 + len(waves) :]
        gain = 1 + amplitude @ waves + (1j * phase @ waves if phase.size else 0)
        carrier = gain * compute_cable(place, theta[..., 2:4])
        return split_quadratures(add_lines(carrier, compute_detuning(place, theta)))


def fit_gain_drift(trace: Trace, window: FrequencyWindow, steady: Solution) -> list[Solution]:
    """Return fits with a drift of the amplitude, and of amplitude and phase, unless a steady gain is as good.

    theta begins with that of `NotchBasis`.
    """
    well = is_well_determined(steady)
    waves = _build_waves(window.place(trace.x[: trace.x.size // 2]))
    model = (trace.y / trace.sigma - steady.residuals).reshape(2, -1)
    changes = np.concatenate([waves * (model[0] + 1j * model[1]), waves * (1j * model[0] - model[1])])
    shapes = np.concatenate([changes.real, changes.imag], axis=1)
    drifting = (
        _fit_waves(trace, window, steady, count)
        for count in (2 * _WAVES, 4 * _WAVES)
        if not well
        or may_pass(
            steady,
            _BEYOND_LINEAR * steady.compute_gain(shapes[:count]),
            extra=count,
            trials=1,
            accepted=_DOUBTFUL,
        )
    )
    return [one for one in drifting if one is not None]


def _build_waves(place: Floats) -> Floats:
    """Return the cosines and sines of one cycle in the window and more, shape ``(k, n)``."""
    turns = 2 * np.pi * np.arange(1, _WAVES + 1)[:, None] * place
    return np.concatenate([np.cos(turns), np.sin(turns)])


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
