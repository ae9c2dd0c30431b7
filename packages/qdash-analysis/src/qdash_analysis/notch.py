"""Notch resonance as a least-squares model of complex S21 and of its magnitude.

    S21 = a (1 + s x) exp(-2 pi i x delay) (1 - d / (1 + i u)),    u = 2 Ql (f - fr) / fr,

with x the frequency within the window, a the complex amplitude, s the slope of the gain, and d = Ql / |Qc| exp(i phi)
complex because of mismatch (Khalil et al., J. Appl. Phys. 111, 054510 (2012); Probst et al., Rev. Sci. Instrum. 86,
024706 (2015)). The internal loss is 1/Qi = 1/Ql - Re(1/Qc), so Qi = Ql / (1 - Re d). The magnitude is

    |S21| = |a (1 + s x)| sqrt((p^2 + (u - q)^2) / (1 + u^2)),    p = 1 - Re d, q = Im d.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_analysis.inputs import Floats, Trace
from qdash_analysis.leastsq import solve
from qdash_analysis.lines import Search, build_templates, coarsen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from qdash_analysis.solution import Solution

# Turns by which the first guess of the delay may be wrong.
_DELAYS = np.arange(-0.75, 0.76, 0.25)
_MIDDLE = slice(2, 5)
_EVEN = 1e-3
"""Part of a step, or of a weight, by which a sweep that counts as even may deviate."""
_FILLS_WINDOW = np.log(0.25)
LEAST_DIP = 0.3
"""Smallest Re d / |d| of a dip: a mismatch does not rotate d further, a step in the background does."""
_SMALL_ERROR = 0.05
_LEAK_START = 0.05
"""Start of the leak beside a peak, whose sign and phase the magnitude does not show near zero."""
_LARGEST_DIP = 2.5
"""Largest |d| of a dip: a reflection reaches 2."""

OneLine = tuple["Floats", "Floats"]
"""Coefficients and theta of `NotchBasis` for one line of a richer model."""


@dataclass(frozen=True, slots=True)
class FrequencyWindow:
    """Frequency window, scaled to order one: place = (f - middle) / span."""

    middle: float
    span: float

    def place(self, x: Floats) -> Floats:
        """Return the place of frequencies `x` in the window, -0.5 to 0.5."""
        return (x - self.middle) / self.span


def compute_detuning(place: Floats, theta: Floats) -> Floats:
    """Return u for theta = (centre, log FWHM, ...), both in window units."""
    half_width = np.exp(np.minimum(np.maximum(theta[..., 1:2], -12.0), 3.0)) / 2
    return np.asarray((place - theta[..., :1]) / half_width)


def add_lines(carrier: NDArray[np.complex128], *detunings: Floats) -> NDArray[np.complex128]:
    """Return columns ``(..., k, n)``: the carrier, and the carrier times a line of each detuning."""
    *grid, size = carrier.shape
    columns = np.empty((*grid, 1 + len(detunings), size), np.complex128)
    columns[..., 0, :] = carrier
    for place, detuning in enumerate(detunings, 1):
        np.divide(carrier, 1 + 1j * detuning, out=columns[..., place, :])
    return columns


@dataclass(frozen=True, slots=True)
class CableBasis:
    """Cable without resonator; theta = (turns of the delay in the window, slope of the gain)."""

    window: FrequencyWindow

    def __call__(self, x: Floats, theta: Floats) -> Floats:
        """Evaluate; `x` holds every frequency twice, for the real and the imaginary part."""
        place = self.window.place(x[: x.size // 2])
        return split_quadratures(compute_cable(place, theta)[..., None, :])


@dataclass(frozen=True, slots=True)
class NotchBasis:
    """Cable and notch; theta = (centre, log FWHM, turns of the delay, slope of the gain)."""

    window: FrequencyWindow

    def __call__(self, x: Floats, theta: Floats) -> Floats:
        """Evaluate; `x` holds every frequency twice, for the real and the imaginary part."""
        place = self.window.place(x[: x.size // 2])
        carrier = compute_cable(place, theta[..., 2:])
        return split_quadratures(add_lines(carrier, compute_detuning(place, theta)))


@dataclass(frozen=True, slots=True)
class PeakMagnitudeBasis:
    """Magnitude of a peak; theta = (centre, log FWHM, 1/p, q/p): regular where nothing is transmitted beside it."""

    window: FrequencyWindow

    def __call__(self, x: Floats, theta: Floats) -> Floats:
        """Evaluate; see `qdash_analysis.solution.Basis`."""
        place = self.window.place(x)
        u = compute_detuning(place, theta)
        peak = np.sqrt((1 + (theta[..., 2:3] * u - theta[..., 3:4]) ** 2) / (1 + u**2))
        return np.stack([peak, peak * place], axis=-1)


@dataclass(frozen=True, slots=True)
class MagnitudeBasis:
    """Magnitude of the notch; theta = (centre, log FWHM, p, q)."""

    window: FrequencyWindow

    def __call__(self, x: Floats, theta: Floats) -> Floats:
        """Evaluate; see `qdash_analysis.solution.Basis`."""
        place = self.window.place(x)
        u = compute_detuning(place, theta)
        dip = np.sqrt((theta[..., 2:3] ** 2 + (u - theta[..., 3:4]) ** 2) / (1 + u**2))
        return np.stack([dip, dip * place], axis=-1)


def compute_cable(place: Floats, theta: Floats) -> NDArray[np.complex128]:
    """Return the transmission of a cable with a delay of ``theta[..., 0]`` turns and gain slope ``theta[..., 1]``."""
    phase, gain = (-2 * np.pi * theta[..., :1]) * place, 1 + theta[..., 1:2] * place
    cable = np.empty(phase.shape, np.complex128)
    np.multiply(np.cos(phase), gain, out=cable.real)
    np.multiply(np.sin(phase), gain, out=cable.imag)
    return cable


def split_quadratures(columns: NDArray[np.complex128]) -> Floats:
    """Return complex columns ``(..., k, n)`` as the real basis ``(..., 2 n, 2 k)`` of both quadratures."""
    *grid, count, size = columns.shape
    found = np.empty((*grid, 2 * count, 2 * size))
    found[..., :count, :size] = found[..., count:, size:] = columns.real
    found[..., :count, size:] = columns.imag
    np.negative(columns.imag, out=found[..., count:, :size])
    return found.swapaxes(-1, -2)


def stack_quadratures(points: NDArray[Any]) -> Floats:
    """Return the real parts of `points`, shape ``(n,)``, followed by the imaginary parts, shape ``(2 n,)``."""
    return np.concatenate([points.real, points.imag])


def build_stacked_trace(x: Floats, y: NDArray[np.complex128], sigma: Floats, *, sigma_known: bool) -> Trace:
    """Return both quadratures as one real trace."""
    return Trace(np.concatenate([x, x]), stack_quadratures(y), np.concatenate([sigma, sigma]), sigma_known)


@dataclass(frozen=True, slots=True)
class ComplexModel:
    """S21 of a solution for both quadratures."""

    solution: Solution

    def __call__(self, x: Floats) -> NDArray[np.complex128]:
        """Evaluate at frequencies `x`, shape ``(n,)``."""
        both = self.solution.predict(np.tile(x, 2))
        return np.asarray(both[: x.size] + 1j * both[x.size :])


def solve_notch(
    trace: Trace, window: FrequencyWindow, first: Sequence[Floats] = ()
) -> tuple[Solution, Solution]:
    """Fit a stacked complex trace with and without the resonance, from `first` or from a blind start."""
    half = trace.x.size // 2
    if not first:
        y = trace.y[:half] + 1j * trace.y[half:]
        first = find_starts(window.place(trace.x[:half]), y, 1 / trace.sigma[:half])
    with_notch = min(
        (solve(NotchBasis(window), trace, start) for start in first), key=lambda found: found.chi2
    )
    turns = with_notch.theta[2] + _DELAYS
    weighted = (trace.y / trace.sigma**2)[:half] + 1j * (trace.y / trace.sigma**2)[half:]
    cables = np.exp((2j * np.pi) * turns[:, None] * window.place(trace.x[:half]))
    start = np.array([turns[np.abs(cables @ weighted).argmax()], 0.0])
    return with_notch, solve(CableBasis(window), trace, start)


def find_starts(place: Floats, y: NDArray[np.complex128], weight: Floats) -> list[Floats]:
    """Return the best theta of `NotchBasis` for `y`, on a grid of centre, width and delay."""
    turns = _estimate_delay(place, y) + _DELAYS
    theta, chi2 = _search(place, y * np.exp(2j * np.pi * turns[:, None] * place), weight)
    return _choose_starts(theta, chi2, turns)


def find_signed_starts(place: Floats, y: NDArray[np.complex128], weight: Floats) -> tuple[bool, list[Floats]]:
    """Return whether the conjugate of `y` is the likelier notch, and `find_starts` of the likelier one."""
    turns = _estimate_delay(place, y) + _DELAYS
    straight = y * np.exp(2j * np.pi * turns[:, None] * place)
    # A few delays tell the sign, which changes chi² severalfold.
    theta, chi2 = _search(place, np.concatenate([straight, straight[_MIDDLE].conj()]), weight)
    size = turns.size
    if chi2[size:].min() < chi2[:size].min():
        return True, find_starts(place, y.conj(), weight)
    return False, _choose_starts(theta, chi2[:size], turns)


def _choose_starts(theta: Floats, chi2: Floats, turns: Floats) -> list[Floats]:
    lines = theta[chi2.argmin(axis=1)]
    delays = np.argsort(chi2.min(axis=1))
    # The phase of a line that fills the window resembles a delay: a second start is tried.
    count = 2 if lines[delays[0], 1] > _FILLS_WINDOW else 1
    return [np.array([*lines[delay], turns[delay], 0.0]) for delay in delays[:count]]


def _search(place: Floats, signals: NDArray[Any], weight: Floats) -> tuple[Floats, Floats]:
    """Return chi², shape ``(s, g)``, of each signal with each line (centre, log FWHM), shape ``(g, 2)``."""
    theta, search = build_line_search(place, weight)
    rest = search.remove_background(coarsen(place, signals * weight)[1][0])
    return theta, np.sum(np.abs(rest) ** 2, axis=1)[:, None] - search.compute_gains(rest)


def build_line_search(place: Floats, weight: Floats) -> tuple[Floats, Search]:
    """Return lines (centre, log FWHM), shape ``(g, 2)``, and their search beside a sloped background.

    Signals are `coarsen`ed, times the weights.
    """
    even = np.linspace(-0.5, 0.5, place.size)
    if np.ptp(weight) <= _EVEN * weight[0] and np.abs(place - even).max() <= _EVEN / place.size:
        return _build_even_search(place.size)
    return _build_search(place, weight)


@lru_cache(maxsize=8)
def _build_even_search(size: int) -> tuple[Floats, Search]:
    return _build_search(np.linspace(-0.5, 0.5, size), np.ones(size))


def _build_search(place: Floats, weight: Floats) -> tuple[Floats, Search]:
    at, (weights,) = coarsen(place, weight)
    theta = build_templates(at)
    theta[:, 1] = np.log(theta[:, 1])
    background = np.column_stack([weights, weights * at])
    shapes = weights / (1 + 1j * compute_detuning(at, theta))
    return theta, Search.build(shapes, np.linalg.qr(background)[0])


def find_line_in_residuals(trace: Trace, window: FrequencyWindow, solution: Solution) -> tuple[Floats, float]:
    """Find the best line in the residuals of `solution`; return (centre, log FWHM) and its unexplained share."""
    rest = (solution.residuals * trace.sigma)[None]
    sigma, place = trace.sigma, window.place(trace.x)
    if isinstance(solution.basis, NotchBasis):
        half = place.size // 2
        place, sigma = place[:half], sigma[:half]
        rest = (rest[:, :half] + 1j * rest[:, half:]) * np.exp(2j * np.pi * solution.theta[2] * place)
    theta, chi2 = _search(place, rest, 1 / sigma)
    background = float(chi2.max())  # a line where there is none explains nothing
    return theta[chi2[0].argmin()], float(chi2.min()) / background if background > 0 else 1.0


def is_well_determined(solution: Solution) -> bool:
    """Return whether the errors of centre and width of the line are small parts of the width."""
    return (
        solution.theta_error(0) < _SMALL_ERROR * float(np.exp(solution.theta[1]))
        and solution.theta_error(1) < 2 * _SMALL_ERROR
    )


def is_peak(dip: complex) -> bool | None:
    """Return whether a line with this d is a peak instead of a dip, or None if it is a step.

    The square of the magnitude is ``1 + (even - odd u) / (1 + u^2)`` with even = |d|^2 - 2 Re d and odd = 2 Im d.
    """
    if dip.real >= LEAST_DIP * abs(dip) and abs(dip) < _LARGEST_DIP:
        return False
    return True if abs(dip) ** 2 - 2 * dip.real >= 2 * abs(dip.imag) else None


def _estimate_delay(place: Floats, y: NDArray[np.complex128]) -> float:
    """Estimate the delay in turns from the median phase step, which a narrow resonance hardly affects."""
    steps = y[1:] * y[:-1].conj()
    typical = np.exp(1j * np.angle(steps.sum()))
    slopes = (np.angle(typical) + np.angle(steps * typical.conjugate())) / np.diff(place)
    return float(-np.median(slopes) / (2 * np.pi))


def solve_magnitude(trace: Trace, window: FrequencyWindow) -> Solution:
    """Fit a trace of magnitudes from a blind start, as a notch and, if it rises in the middle, as a peak."""
    place = window.place(trace.x)
    theta, chi2 = _search(place, trace.y[None], 1 / trace.sigma)
    line = theta[chi2[0].argmin()]
    u = compute_detuning(place, line)
    # The square of the magnitude is linear in the shape parameters of the line.
    terms = np.column_stack([np.ones_like(u), place, 1 / (1 + u**2), u / (1 + u**2)])
    level, _, even, odd = np.linalg.lstsq(terms, trace.y**2, rcond=None)[0]
    q = -odd / (2 * level) if level else 0.0
    p = np.sqrt(max(1 + (even / level if level else 0.0) - q**2, 0.01))
    notch = solve(MagnitudeBasis(window), trace, np.array([*line, p, q]))
    if even <= 0:
        return notch
    top = max(level + even, 1e-9 * even)
    leak = float(np.clip(np.sqrt(max(level, 0.0) / top), _LEAK_START, 1.0))
    turned = float(np.clip(-odd / (2 * leak * top), -1.0, 1.0))
    starts = [np.array([*line, leak, turned]), np.array([*line, _LEAK_START, 0.0])]
    peaks = [solve(PeakMagnitudeBasis(window), trace, start) for start in starts]
    return min([notch, *peaks], key=lambda found: found.chi2)
