"""Second resonance that one notch hides: two closer than their widths look like one, shifted and with other losses.

Two notches are a product of two factors of `qdash_analysis.notch`, and so is a sum of two lines. Reflections between
both resonators are neglected.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.evidence import FALSE_ALARM, compute_false_alarm, may_pass, require_description
from qdash_analysis.leastsq import solve
from qdash_analysis.lines import Search, build_templates_beside, coarsen
from qdash_analysis.notch import (
    LEAST_DIP,
    add_lines,
    build_line_search,
    compute_cable,
    compute_detuning,
    find_line_in_residuals,
    split_quadratures,
)
from qdash_analysis.result import NoEffect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from qdash_analysis.inputs import Floats, Trace
    from qdash_analysis.notch import FrequencyWindow, OneLine
    from qdash_analysis.solution import Solution

_APART = 0.3
"""Distance of the starts of both lines from the one that they replace, in widths."""
_NARROWER = 0.3
"""Logarithm by which those starts are narrower."""
_BEYOND_LINEAR = 1.6
"""Factor by which a fit of two lines may improve chi² more than the linear terms of the second do."""
_DOUBTFUL = 0.01
"""Accepted share of single lines whose errors include that they may be two."""
_COMPARABLE = 0.1
"""Ratio of the external loss rates of both lines above which both are resonators. A qubit that is excited in some
shots adds a line of that share, which is smaller.
"""
_CONFIDENT = 2.0
_UNDETERMINED = 1.0
"""Error of the logarithm of a width above which a line is not one that the data show."""


class TwoResonancesError(NoEffect):
    """Rejection of a trace that shows two resonances, with the fit of `TwoNotchBasis` as `pair`."""

    def __init__(self, message: str, pair: Solution) -> None:
        super().__init__(message, traits={"lines": "two"})
        self.pair = pair


@dataclass(frozen=True, slots=True)
class TwoNotchBasis:
    """Cable and two lines; theta = (centre, log FWHM) of each, turns of the delay, slope of the gain."""

    window: FrequencyWindow

    def __call__(self, x: Floats, theta: Floats) -> Floats:
        """Evaluate; `x` holds every frequency twice, for the real and the imaginary part."""
        place = self.window.place(x[: x.size // 2])
        carrier = compute_cable(place, theta[..., 4:])
        detunings = (compute_detuning(place, theta[..., first : first + 2]) for first in (0, 2))
        return split_quadratures(add_lines(carrier, *detunings))


def find_alternative_lines(
    trace: Trace,
    window: FrequencyWindow,
    single: Solution,
    *,
    background: float,
    drifting: Sequence[Solution],
) -> list[OneLine]:
    """Return the lines that may be the one that was fitted; none if one notch describes the trace as well as two.

    If two overlapping lines surely explain the trace better, but not as two dips that the data determine, the line may
    be one width away and one width wider, unless a drift of the gain explains the trace better.

    `background` is chi² without a line, `drifting` are fits of one notch with gain drift.

    Raises
    ------
    NoEffect
        If two resonances of comparable size surely explain the trace, or do not describe it either.
    """
    if not _may_be_two(trace, window, single):
        return []
    basis = TwoNotchBasis(window)
    pairs = [solve(basis, trace, start) for start in _list_starts(trace, window, single)]
    doubts = {_doubt_pair(trace, single, pair): pair for pair in pairs if _are_dips(pair)}
    doubt = min(doubts, default=1.0)
    if doubt > _DOUBTFUL:
        pair = min(pairs, key=lambda one: one.chi2)
        near = _overlap(pair)
        better = all(pair.chi2 / pair.dof < one.chi2 / one.dof for one in drifting)
        surely = near and better and _doubt_pair(trace, single, pair) <= FALSE_ALARM
        return _list_within_width(single) if surely else []
    pair = doubts[doubt]
    places, widths = pair.theta[[0, 2]], np.exp(pair.theta[[1, 3]])
    dips = _factorise(pair.coefficients, pair.theta)
    larger = int(np.argmax(np.abs(dips) * widths))

    def compare(coefficients: Floats, theta: Floats) -> float:
        rates = np.abs(_factorise(coefficients, theta)) * np.exp(theta[[1, 3]])
        return float(rates[1 - larger] / rates[larger])

    ratio, error = pair.evaluate(compare)
    if doubt <= FALSE_ALARM and ratio - _CONFIDENT * error > _COMPARABLE:
        require_description(background, pair, sigma_known=trace.sigma_known)
        first, second = sorted(window.middle + window.span * places)
        raise TwoResonancesError(
            f"two resonances that overlap, at {first:.7g} and {second:.7g}\N{NO-BREAK SPACE}GHz: the data do not show which one is wanted. "
            "The second one may also be that of the other state, of a qubit that is excited in a tenth of the shots or more",
            pair,
        )
    both = ratio > _COMPARABLE
    found = [_describe_line(pair, number, dips[number]) for number in (0, 1) if both or number == larger]
    # Of a qubit that is excited in some shots, both lines together have the size of one.
    return found if both else [*found, _describe_line(pair, larger, _list_lines(pair.coefficients).sum())]


def _may_be_two(trace: Trace, window: FrequencyWindow, single: Solution) -> bool:
    """Return whether a second line, to first order, explains so much that a fit of two may be accepted."""
    half = trace.x.size // 2
    centre, log_width, turns, _ = single.theta
    place, weight = window.place(trace.x[:half]), 1 / trace.sigma[:half]
    line = 1 / (1 + 1j * compute_detuning(place, single.theta))
    # Behind the cable, these are the changes that the parameters of one line make.
    changes = weight * np.stack([np.ones(half), place, line, line**2])
    rest = (single.residuals[:half] + 1j * single.residuals[half:]) * np.exp(2j * np.pi * turns * place)

    shapes = weight / (1 + 1j * compute_detuning(place, build_templates_beside(centre, log_width)))
    nearest = _find_gains(Search.build(shapes, np.linalg.qr(changes.T)[0]), rest).max()
    theta, search = build_line_search(place, weight)
    coarse, (changes, rest) = coarsen(place, changes, rest)
    gains = _find_gains(replace(search, orthonormal=np.linalg.qr(changes.T)[0]), rest) * (half / coarse.size)
    near = np.abs(theta[:, 0] - centre) < (np.exp(theta[:, 1]) + np.exp(log_width)) / 2
    best = max(nearest, gains[near].max(initial=0.0)), gains[~near].max(initial=0.0)
    return any(
        may_pass(single, _BEYOND_LINEAR * float(gain), extra=4, trials=trials, accepted=_DOUBTFUL)
        for gain, trials in zip(best, (1, half), strict=True)
    )


def _find_gains(search: Search, signal: NDArray[np.complex128]) -> Floats:
    return np.asarray(search.compute_gains(search.remove_background(signal[None]))[0])


def _are_dips(pair: Solution) -> bool:
    """Return whether both lines are dips in the window that the data determine."""
    errors = [pair.theta_error(index) for index in (1, 3)]
    if max(errors) > _UNDETERMINED or np.any(np.abs(pair.theta[[0, 2]]) > 0.5) or max(pair.theta[[1, 3]]) > 0:
        return False
    dips = _factorise(pair.coefficients, pair.theta)
    return bool(np.all(dips.real > LEAST_DIP * np.abs(dips)))


def _overlap(pair: Solution) -> bool:
    """Return whether the lines are closer than their mean width."""
    return bool(abs(pair.theta[0] - pair.theta[2]) < np.exp(pair.theta[[1, 3]]).mean())


def _doubt_pair(trace: Trace, single: Solution, pair: Solution) -> float:
    """Return the probability that noise makes two lines as much better than one."""
    return compute_false_alarm(
        single.chi2,
        pair,
        extra=4,
        # Lines that overlap have one place, others may be anywhere.
        trials=1 if _overlap(pair) else trace.x.size / 2,
        sigma_known=trace.sigma_known,
        correlated=pair.inflation,
    )


def _factorise(coefficients: Floats, theta: Floats) -> NDArray[np.complex128]:
    """Return d of both factors ``1 - d / (1 + i u)`` whose product is a sum of two lines.

    Of the two ways to pair poles and zeros, the one is taken in which both lines are most like dips.
    """
    lines = _list_lines(coefficients)
    half = np.exp(theta[[1, 3]]) / 2
    poles, moved = theta[[0, 2]] + 1j * half, -1j * lines * half
    zeros = np.roots([1, -(poles.sum() + moved.sum()), poles.prod() + moved @ poles[::-1]])
    ways = [(poles - one) / (1j * half) for one in (zeros, zeros[::-1])]
    return np.asarray(max(ways, key=lambda dips: float(np.min(dips.real / np.abs(dips)))))


def _list_starts(trace: Trace, window: FrequencyWindow, single: Solution) -> Iterator[Floats]:
    """Yield starts: the line split in two, and the line with the best one in its residuals."""
    centre, log_width, turns, slope = single.theta
    apart, narrower = _APART * np.exp(log_width), log_width - _NARROWER
    yield np.array([centre - apart, narrower, centre + apart, narrower, turns, slope])
    beside, _ = find_line_in_residuals(trace, window, single)
    yield np.array([centre, log_width, *beside, turns, slope])


def _list_within_width(single: Solution) -> list[OneLine]:
    """Return the line at one width beside its place, and with one width more of external or internal loss."""
    carrier, line = single.coefficients[[0, 1]] + 1j * single.coefficients[[2, 3]]
    beside, wider = single.theta.copy(), single.theta.copy()
    beside[0] += np.exp(single.theta[1])
    wider[1] += np.log(2)
    lines = [(line, beside), ((line - carrier) / 2, wider), (line / 2, wider)]
    return [(np.array([carrier.real, one.real, carrier.imag, one.imag]), theta) for one, theta in lines]


def _list_lines(coefficients: Floats) -> NDArray[np.complex128]:
    """Return d of both lines in the sum ``1 - d / (1 + i u) - ...``."""
    carrier = complex(coefficients[0], coefficients[3])
    return np.asarray(-(coefficients[1:3] + 1j * coefficients[4:6]) / carrier)


def _describe_line(pair: Solution, number: int, dip: complex) -> OneLine:
    """Return a line of the pair as coefficients and theta of `NotchBasis`, with a dip of that size."""
    carrier = complex(pair.coefficients[0], pair.coefficients[3])
    line = -carrier * dip
    return (
        np.array([carrier.real, line.real, carrier.imag, line.imag]),
        pair.theta[[2 * number, 2 * number + 1, 4, 5]],
    )
