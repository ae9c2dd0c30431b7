"""Search and fit of an oscillation, shared by Rabi and Ramsey."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.envelope import Envelope
from qdash_analysis.leastsq import solve
from qdash_analysis.linear import scan_designs
from qdash_analysis.result import NoEffect

if TYPE_CHECKING:
    from qdash_analysis.inputs import Floats, Trace
    from qdash_analysis.solution import Solution

AT_LEAST = 8
_FEWEST_PERIODS = 0.75
_FREQUENCY_UNDETERMINED = 0.25
_TAU = 2 * np.pi
_DECAYS = np.log([0.1, 0.3, 1.0, 5.0])
_FASTEST = 4.0
_CLEARLY = 20.0


@dataclass(frozen=True, slots=True)
class OscillationBasis:
    """Basis (envelope cos, envelope sin, 1) for theta = (periods in the window, *parameters of the envelope, if any)."""

    start: float
    span: float
    envelope: Envelope | None

    def __call__(self, x: Floats, theta: Floats) -> Floats:
        """Evaluate; see `qdash_analysis.solution.Basis`."""
        phase = theta[..., :1] * (_TAU / self.span * (x - self.start))
        basis = np.empty((*phase.shape[:-1], 3, x.size))
        basis[..., 0, :], basis[..., 1, :], basis[..., 2, :] = np.cos(phase), np.sin(phase), 1.0
        if self.envelope is not None:
            basis[..., :2, :] *= self.envelope(x, theta)[..., None, :]
        return basis.swapaxes(-1, -2)


def build_decaying_basis(envelope: Envelope) -> OscillationBasis:
    """Return an oscillation within `envelope`."""
    return OscillationBasis(envelope.start, envelope.span, envelope)


def fit_decaying(trace: Trace) -> Solution:
    """Fit an exponentially decaying oscillation from a blind start; theta = (periods, log(T / span))."""
    slow, fast = _compute_typical_limit(trace), count_resolvable_periods(trace)
    found = _fit_from(
        trace, np.concatenate([np.array([0.5, 0.75, 1.0, 1.4, 2.0]), _find_peaks(trace, 0.5, slow)])
    )
    if fast <= slow:
        return found
    other = _fit_from(trace, _find_peaks(trace, slow, fast))
    # In a nearly even sweep an oscillation resembles its aliases: only clear data choose the fast one.
    return other if found.chi2 - other.chi2 > _CLEARLY * other.variance else found


def _fit_from(trace: Trace, periods: Floats) -> Solution:
    """Fit from the best of these numbers of `periods` in the window."""
    start, span = float(trace.x[0]), trace.span
    envelope = Envelope(start, span)
    designs = OscillationBasis(start, span, None)(trace.x, periods[:, None])[:, None].repeat(
        _DECAYS.size, axis=1
    )
    designs[..., :2] *= envelope(trace.x, _DECAYS[:, None])[..., None]
    period, decay = divmod(int(scan_designs(designs, trace).argmin()), _DECAYS.size)
    return solve(build_decaying_basis(envelope), trace, np.array([periods[period], _DECAYS[decay]]))


def fit_steady(trace: Trace, decaying: Solution) -> Solution:
    """Fit a steady oscillation near the frequency of a `decaying` one; theta = (periods,)."""
    basis = OscillationBasis(float(trace.x[0]), trace.span, None)
    return solve(basis, trace, decaying.theta[:1], rival=decaying)


def count_resolvable_periods(trace: Trace) -> float:
    """Return the largest resolvable number of periods, one per two of the smallest steps, beyond which are aliases."""
    if trace.is_even:
        return _compute_typical_limit(trace)
    smallest = float(np.diff(trace.x).min())
    return max(_compute_typical_limit(trace), min(0.5 * trace.span / smallest, _FASTEST * trace.x.size))


def _compute_typical_limit(trace: Trace) -> float:
    return 0.5 * trace.span / trace.step


def _find_peaks(trace: Trace, lowest: float, highest: float) -> Floats:
    """Return the periods at the three highest peaks of the periodogram from `lowest` to `highest`."""
    signal = (trace.y - trace.y.mean()) / trace.sigma
    periods = np.arange(lowest, max(highest, lowest + 0.25), 0.25)
    if lowest == 0.5 and trace.is_even:
        length = 4 * (trace.x.size - 1)
        power = np.abs(np.fft.rfft(signal, length))[2 : 2 + periods.size]
    else:
        phases = np.outer(periods, _TAU * (trace.x - trace.x[0]) / trace.span)
        # Not a matrix product: at this size it uses several threads, which wait for each other longer than
        # they compute.
        power = np.abs(np.einsum("pn,n->p", np.exp(1j * phases), signal))
    peak = np.ones(power.size, dtype=bool)
    peak[1:] &= power[1:] >= power[:-1]
    peak[:-1] &= power[:-1] > power[1:]
    found = np.flatnonzero(peak)
    return periods[found[np.argsort(power[found])[-3:]]]


def require_periods(trace: Trace, periods: float, error: float, *, effect: str) -> None:
    """Raise `NoEffect` unless the number of periods in the window determines the frequency."""
    if periods < _FEWEST_PERIODS:
        raise NoEffect(
            f"less than the needed part of a period: {effect} needs {_FEWEST_PERIODS}, the window holds {periods:.2f}"
        )
    if error > _FREQUENCY_UNDETERMINED * periods:
        raise NoEffect(
            f"{effect} frequency not determined: {periods:.2g} ± {error:.2g} periods in the window"
        )
    if periods >= count_resolvable_periods(trace):
        raise NoEffect(f"{effect} faster than the sampling: fewer than two points in a period")


def count_trials(trace: Trace) -> float:
    """Return the number of independent frequencies and decays of the search."""
    return max(float(trace.x.size), 2 * count_resolvable_periods(trace))
