"""Offset of the IQ plane beside the transmission of a line, as of a leaking mixer.

    S = S21 + o + o1 x + o2 exp(2 pi i n x) + o3 exp(-2 pi i n x)

with S21 of `qdash_analysis.notch` and x the frequency within the window, from -0.5 to 0.5, which is time in a sweep that
is not shuffled. The offsets o are complex linear coefficients. If the cable does not turn the phase within the window, a
constant offset looks like the carrier: the data do not tell them apart, and the errors of the dip are large.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.leastsq import solve
from qdash_analysis.notch import compute_cable, compute_detuning, split_quadratures, stack_quadratures

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from qdash_analysis.inputs import Floats, Trace
    from qdash_analysis.notch import FrequencyWindow
    from qdash_analysis.solution import Solution

_TAU = 2 * np.pi
_LINE, _CABLE = 4, 2
_FINER = 8
"""Refinement of the spectrum in which the number of cycles is read."""
_MOST_CYCLES = 0.25
"""Largest number of cycles, per point of the sweep."""
_LARGEST_OFFSET = 1.0
"""Largest accepted offset, in units of the carrier or of a peak. Without a turn of the cable it may be a part of the carrier."""
_PLACES = np.linspace(-0.5, 0.5, 33)


@dataclass(frozen=True, slots=True)
class OffsetBasis:
    """Basis of cable, line if any, and offset; theta is that of `NotchBasis` or `CableBasis`, and cycles if it cycles.

    The first two columns are those of `NotchBasis`.
    """

    window: FrequencyWindow
    line: bool
    drifts: bool
    cycles: bool

    def __call__(self, x: Floats, theta: Floats) -> Floats:
        """Evaluate; `x` holds every frequency twice, for the real and the imaginary part."""
        return split_quadratures(self.compute_columns(self.window.place(x[: x.size // 2]), theta))

    def compute_columns(self, place: Floats, theta: Floats) -> NDArray[np.complex128]:
        """Return the complex columns, shape ``(..., k, n)``."""
        first = _LINE - _CABLE if self.line else 0
        columns = [compute_cable(place, theta[..., first : first + _CABLE])]
        if self.line:
            columns.append(columns[0] / (1 + 1j * compute_detuning(place, theta)))
        columns.append(np.ones_like(columns[0]))
        if self.drifts:
            columns.append(place * columns[-1])
        if self.cycles:
            turned = np.exp(1j * _TAU * theta[..., -1:] * place)
            columns += [turned, turned.conj()]
        return np.stack(columns, axis=-2)


def fit_offsets(
    trace: Trace, window: FrequencyWindow, starts: Sequence[Floats]
) -> Iterator[tuple[Solution, Solution, str]]:
    """Fit a line beside an offset of each kind, the simplest first, from starts of `NotchBasis`.

    Yields the fit with the line, that of cable and offset alone, and the kind.
    """
    for drifts, kind in ((False, "constant"), (True, "drifting")):
        found = _solve_best(OffsetBasis(window, True, drifts, False), trace, starts)
        alone = _solve_best(OffsetBasis(window, False, drifts, False), trace, [found.theta[2:]])
        yield found, alone, kind
    cycles = _read_cycles(trace, window, found)
    found = _solve_best(OffsetBasis(window, True, True, True), trace, [np.append(found.theta, cycles)])
    alone = _solve_best(OffsetBasis(window, False, True, True), trace, [found.theta[2:]])
    yield found, alone, "cycling"


def describe_dip(found: Solution) -> complex | None:
    """Return d of the line relative to all that is transmitted at its centre, which tells a dip from a peak.

    None if the offset is larger than both carrier and line, which then resemble a step.
    """
    basis = found.basis
    assert isinstance(basis, OffsetBasis)
    half = found.coefficients.size // 2
    parts = (found.coefficients[:half] + 1j * found.coefficients[half:])[:, None] * basis.compute_columns(
        np.append(found.theta[0], _PLACES), found.theta
    )
    offset = parts[2:].sum(axis=0)
    transmitted = max(float(np.linalg.norm(part)) for part in parts[:2])
    if np.linalg.norm(offset) > _LARGEST_OFFSET * transmitted:
        return None
    return complex(-parts[1, 0] / (parts[0, 0] + offset[0]))


def compute_offset_pulls(trace: Trace, solution: Solution, offset: NDArray[np.complex128] | Floats) -> Floats:
    """Return the changes of the parameters by an offset, shape ``(n,)``, and by the offset times i; shape ``(2, k + m)``."""
    both = np.stack([stack_quadratures(one) for one in (offset, 1j * offset)])
    return solution.separate(both / trace.sigma)[1]


def _solve_best(basis: OffsetBasis, trace: Trace, starts: Sequence[Floats]) -> Solution:
    return min((solve(basis, trace, start) for start in starts), key=lambda one: one.chi2)


def _read_cycles(trace: Trace, window: FrequencyWindow, found: Solution) -> float:
    """Return the number of cycles in the window at which the spectrum of the residuals of `found` is largest."""
    half = trace.x.size // 2
    place = window.place(trace.x[:half])
    rest = (found.residuals * trace.sigma).reshape(2, half)
    cycles = np.arange(0.5, _MOST_CYCLES * half, 1 / _FINER)
    waves = np.exp(-1j * _TAU * cycles[:, None] * place)
    power = (
        np.abs(waves @ (rest[0] + 1j * rest[1])) ** 2 + np.abs(waves.conj() @ (rest[0] + 1j * rest[1])) ** 2
    )
    return float(cycles[power.argmax()])
