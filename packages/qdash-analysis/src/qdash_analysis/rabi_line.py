"""Line of a qubit after a square pulse, which has several humps from about a whole turn on."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from qdash_analysis.leastsq import solve
from qdash_analysis.linear import scan

if TYPE_CHECKING:
    from qdash_analysis.inputs import Floats, Trace
    from qdash_analysis.solution import Solution

_TURNS = (0.85, 1.0, 1.15, 2.0)
_RATES = (0.4, 0.55, 0.7, 0.9)
"""Rabi frequencies of the starts, in distances of the two humps: 0.6 for one turn."""


@dataclass(frozen=True, slots=True)
class RabiLineBasis:
    """Basis of four columns: excitation by a square pulse, the same times the detuning, offset, and slope.

    theta = (resonance, log Rabi frequency, turns on resonance), in window units. P = sin²(pi turns e) / e² with
    e² = 1 + (detuning / Rabi frequency)² (Rabi, Phys. Rev. 51, 652 (1937)). The second column gives the humps unequal
    heights: the gain of the drive line depends on frequency.
    """

    middle: float
    span: float

    def __call__(self, x: Floats, theta: Floats) -> Floats:
        """Evaluate; see `qdash_analysis.solution.Basis`."""
        place = (x - self.middle) / self.span
        detuning = (place - theta[..., :1]) / np.exp(np.clip(theta[..., 1:2], -12.0, 3.0))
        effective = np.sqrt(1 + detuning**2)
        excited = (np.sin(np.pi * theta[..., 2:3] * effective) / effective) ** 2
        even = np.ones_like(excited)
        return np.stack([excited, detuning * excited, even, place * even], axis=-1)


def fit_rabi_line(trace: Trace, first: float, second: float, *, rival: Solution) -> Solution:
    """Fit the line of a square pulse whose highest humps lie at the frequencies `first` and `second`.

    The fit stops early where it cannot become better than the `rival` (`leastsq.solve`).
    """
    basis = RabiLineBasis(float(trace.x[0] + trace.span / 2), trace.span)
    centre = ((first + second) / 2 - basis.middle) / basis.span
    apart = abs(second - first) / basis.span
    starts = np.array([[centre, np.log(apart * rate), turns] for rate, turns in product(_RATES, _TURNS)])
    return solve(basis, trace, starts[scan(basis, trace, starts).argmin()], rival=rival)
