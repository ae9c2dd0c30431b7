"""Comparison of a cross-resonance tone with the same tone started later in its program, which does the same.

A tone that runs in the frame of the control, or whose phase restarts with each pulse, has another phase with every start. At
one start all that a search corrects fits together, and its tomography looks perfect.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_tasks.laboratory.grids import common_grid_ns, not_below
from qdash_tasks.laboratory.pair_requests import LaterCrossResonance
from qdash_tasks.programs.convergence import CHECK_TONES
from qdash_tasks.programs.tone_tomography import recorded_paths

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from qdash_core.models.raw_data import RawData
    from qdash_tasks.laboratory.limits import Limits
    from qdash_tasks.laboratory.port import Laboratory
    from qdash_tasks.laboratory.pulses import CrossResonanceTone
    from qdash_tasks.programs.pair_parameters import PairParameters

    Floats = NDArray[np.float64]

LATER = "later"
"""End of the names of such traces: they have the reference of the tomography in whose call they are measured."""

_POINTS = 8
_SHORTEST_NS, _LONGEST_NS, _CANDIDATES = 40.0, 120.0, 8
"""Range in which a wait is looked for, and how many steps of the grid it has at least."""
_APART, _SURELY = 0.3, 8.0
"""Distance of two Bloch vectors that drifts do not make, as a root mean square of their components beyond noise, and in
standard deviations of chi² how sure it has to be."""


def later_ns(laboratory: Laboratory, pair: PairParameters) -> float | None:
    """Return a wait in which the generators of both qubits come apart by nearly half a turn; None: it cannot be asked for.

    It is on the grid of lines and readouts, else readouts would take back some of it.
    """
    if not laboratory.supports(LaterCrossResonance):
        return None
    turns = 1e-3 * pair.distance_mhz * (waits_ns := _waits_ns(laboratory.limits, pair))
    return float(waits_ns[np.abs(turns - np.floor(turns) - 0.5).argmin()])


def started_later(
    name: str, tone: CrossResonanceTone, x_ns: Floats, pair: PairParameters, wait_ns: float
) -> Mapping[str, LaterCrossResonance]:
    """Return what is to be asked beside the tomography of that name: a few of its points, all pulses later.

    They are among the longer ones, in which the target has turned far. Nothing where all are too long for that.
    """
    found = np.unique(x_ns[x_ns + wait_ns <= pair.longest_ns])
    if not found.size:
        return {}
    places = np.round(np.linspace(found.size // 4, found.size - 1, _POINTS)).astype(np.intp)
    durations_ns = found[np.unique(places)]
    request = LaterCrossResonance(pair.control, pair.target, durations_ns, tone, wait_ns=wait_ns)
    return {f"{name}_{LATER}": request}


def require_same_later(raw: RawData, name: str) -> None:
    """Raise `AnalysisError` where the tone of a tomography does something else when it starts later.

    Nothing is said where that was not measured.
    """
    later_name = f"{name}_{LATER}"
    if f"{later_name}_iq" not in raw.arrays:
        return
    first, later = recorded_paths(raw, name), recorded_paths(raw, later_name)
    same = np.abs(np.subtract.outer(later.x_ns, first.x_ns)).argmin(axis=1)
    gaps = later.y - first.y[:, same]
    variances = later.sigma**2 + first.sigma[:, same] ** 2
    apart = math.sqrt(max(float(np.mean(gaps**2 - variances)), 0.0))
    chi2, by_chance = float(np.sum(gaps**2 / variances)), gaps.size + _SURELY * math.sqrt(2 * gaps.size)
    if apart > _APART and chi2 > by_chance:
        raise AnalysisError(
            f"the tone turns the target in another way where it starts later: components of the Bloch vector differ by {apart:.2g} "
            "beyond noise. Its phase changes with its start: it runs in the frame of the control, or restarts with each pulse. "
            f"Check {CHECK_TONES}"
        )


def _waits_ns(limits: Limits, pair: PairParameters) -> Floats:
    """Return waits that lines and readouts play as they are, shape (n,)."""
    step_ns = common_grid_ns(pair.grid_ns, limits.readout.start_ns)
    gap_ns = max(limits.gap_on_grid(qid, _SHORTEST_NS) for qid in pair.qids)
    first = round(not_below(gap_ns, step_ns) / step_ns)
    steps = max(math.ceil((_LONGEST_NS - first * step_ns) / step_ns), _CANDIDATES)
    return np.asarray(step_ns * np.arange(first, first + steps))
