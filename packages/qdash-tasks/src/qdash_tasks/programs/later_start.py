"""Checks that a cross-resonance tone has a defined phase, independent of its start in the program.

A tone in the frame of the control, or whose phase restarts with each pulse, has another phase with every start. At one
start its tomography looks perfect. With a random phase in each shot, X and Y average to zero.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_tasks.laboratory.grids import find_common_grid_ns, round_up
from qdash_tasks.laboratory.pair_requests import LaterCrossResonance
from qdash_tasks.programs.convergence import CHECK_TONES
from qdash_tasks.programs.tone_tomography import measure_paths, read_paths

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from numpy.typing import NDArray

    from qdash_analysis.result import FitResult
    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.limits import Limits
    from qdash_tasks.laboratory.port import Answer, Laboratory
    from qdash_tasks.laboratory.pulses import CrossResonanceTone
    from qdash_tasks.programs.measurement_calls import MeasurementCall
    from qdash_tasks.programs.pair_parameters import PairParameters
    from qdash_tasks.programs.tone_tomography import BlochPaths

    Floats = NDArray[np.float64]

LATER = "later"
"""Suffix of the names of such traces: they share the readout reference of the tomography in the same call."""

_POINTS = 8
_SHORTEST_NS, _LONGEST_NS, _CANDIDATES = 40.0, 120.0, 8
"""Range of the wait, and its least number of grid steps."""
_APART, _SURELY = 0.3, 8.0
"""Distance of two Bloch vectors that drifts do not explain, as the root mean square of their components
beyond noise, and its required significance in standard deviations of chi².
"""
_IN_THE_PLANE, _ALONG_Z = [0, 1, 3, 4], [2, 5]
_VANISHES, _MOVES = 0.15, 0.3
"""Share of the loss of Z² below which X and Y are too small, and the least loss of Z². Relaxation and
dephasing this strong within 1.25 turns would leave no gate, which is a quarter of a turn.
"""


class ToneError(AnalysisError):
    """Exception for a tone that corrections cannot improve, with the name of its tomography for the analysis."""


def choose_wait_ns(laboratory: Laboratory, pair: PairParameters) -> float | None:
    """Choose a wait during which both generators advance differently by nearly half a turn, on the grid of lines and readouts.

    None if the laboratory does not support delayed tones.
    """
    if not laboratory.supports(LaterCrossResonance):
        return None
    turns = 1e-3 * pair.distance_mhz * (waits_ns := _list_waits_ns(laboratory.limits, pair))
    return float(waits_ns[np.abs(turns - np.floor(turns) - 0.5).argmin()])


def make_later_request(
    name: str, tone: CrossResonanceTone, x_ns: Floats, pair: PairParameters, wait_ns: float
) -> Mapping[str, LaterCrossResonance]:
    """Return a request for a few points of a tomography, with all pulses delayed.

    They are among the longer ones; empty if all are too long.
    """
    found = np.unique(x_ns[x_ns + wait_ns <= pair.longest_ns])
    if not found.size:
        return {}
    places = np.round(np.linspace(found.size // 4, found.size - 1, _POINTS)).astype(np.intp)
    durations_ns = found[np.unique(places)]
    request = LaterCrossResonance(pair.control, pair.target, durations_ns, tone, wait_ns=wait_ns)
    return {f"{name}_{LATER}": request}


def measure_checked_fit(
    name: str, tone: CrossResonanceTone, x_ns: Floats, pair: PairParameters, wait_ns: float | None
) -> Generator[MeasurementCall, Mapping[str, Answer], FitResult]:
    """Measure the tomography of a tone, some points also later; check its phase and fit it.

    The later start is `wait_ns` later, or skipped if None.

    Raises `ToneError` where `require_phase` or `require_start_independence` would raise, and as
    `ReadoutLine.from_points`.
    """
    beside = {} if wait_ns is None else make_later_request(name, tone, x_ns, pair, wait_ns)
    paths = yield from measure_paths(name, tone, x_ns, pair, extra=beside)
    first, later = paths[name], paths.get(f"{name}_{LATER}")
    if _check_phase(first) or (later is not None and _compare_starts(first, later)):
        raise ToneError(name)
    return first.fit()


def require_phase(raw: RawData, name: str) -> None:
    """Raise `AnalysisError` if the target of a tomography leaves |0> without a defined phase."""
    if (fault := _check_phase(read_paths(raw, name))) is not None:
        raise AnalysisError(fault)


def require_start_independence(raw: RawData, name: str) -> None:
    """Raise `AnalysisError` if a tone acts differently when it starts later; do nothing if that was not measured."""
    later_name = f"{name}_{LATER}"
    if f"{later_name}_iq" not in raw.arrays:
        return
    if (fault := _compare_starts(read_paths(raw, name), read_paths(raw, later_name))) is not None:
        raise AnalysisError(fault)


def _check_phase(paths: BlochPaths) -> str | None:
    """Describe a tone that moves the target out of |0> without a defined phase, or return None."""
    squares = paths.y**2 - paths.sigma**2
    in_plane, lost = 2 * float(squares[_IN_THE_PLANE].mean()), 1 - float(squares[_ALONG_Z].mean())
    if lost < _MOVES or in_plane > _VANISHES * lost:
        return None
    return (
        "the target leaves |0> without a defined phase: X and Y do not gain what Z loses (mean squares of "
        f"{max(in_plane, 0.0):.2g} and {lost:.2g}). The phase between the tone and the pulses of the target varies from shot to shot, or the target dephases before it rotates. Check {CHECK_TONES}"
    )


def _compare_starts(first: BlochPaths, later: BlochPaths) -> str | None:
    """Describe how a tone acts differently when it starts later, or return None if it does not."""
    same = np.abs(np.subtract.outer(later.x_ns, first.x_ns)).argmin(axis=1)
    gaps = later.y - first.y[:, same]
    variances = later.sigma**2 + first.sigma[:, same] ** 2
    apart = _exceeds_noise(gaps, variances)
    chi2, by_chance = float(np.sum(gaps**2 / variances)), gaps.size + _SURELY * math.sqrt(2 * gaps.size)
    if apart <= _APART or chi2 <= by_chance:
        return None
    return (
        f"the tone rotates the target differently if it starts later: components of the Bloch vector differ by {apart:.2g} "
        "beyond noise. Its phase changes with its start: it runs in the frame of the control, or restarts with each pulse. "
        f"Check {CHECK_TONES}"
    )


def _exceeds_noise(gaps: Floats, variances: Floats) -> float:
    return math.sqrt(max(float(np.mean(gaps**2 - variances)), 0.0))


def _list_waits_ns(limits: Limits, pair: PairParameters) -> Floats:
    """Return waits that lines and readouts play exactly, shape (n,)."""
    step_ns = find_common_grid_ns(pair.grid_ns, limits.readout.start_ns)
    gap_ns = max(limits.gap_on_grid(qid, _SHORTEST_NS) for qid in pair.qids)
    first = round(round_up(gap_ns, step_ns) / step_ns)
    steps = max(math.ceil((_LONGEST_NS - first * step_ns) / step_ns), _CANDIDATES)
    return np.asarray(step_ns * np.arange(first, first + steps))
