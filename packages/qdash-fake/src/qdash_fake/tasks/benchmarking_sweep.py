"""Chooses how long random sequences must be to show what they lose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_fake.tasks.rounds import Sweep
from qdash_fake.tasks.survival import Survival, fit_survival, survival_of

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from qdash_fake.trace import Trace

_LENGTHS = 12
_SHORTEST = 1 / 64
_LONGEST = 5000
_WINDOW = 1.2
"""Longest sequence in decay lengths: where a decay with a known asymptote is told best for its price."""
_WELL_SEEN = (0.4, 3.5)
_ATTEMPTS = 4
_STRIDE = 6.0
_KEPT = 0.6
_SEEN = 4.0
_USELESS = 0.5
"""Error of a Clifford that forgets its qubit's state."""


def look_for_decay(
    name: str,
    error: float,
    *,
    given: NDArray[np.float64] | None,
    sequences: int,
    shots: int,
    beside: frozenset[str] = frozenset(),
) -> Generator[Sweep, Trace, float]:
    """Ask for sequences of lengths that suit an `error` per Clifford, and for others if the data say so.

    Parameters
    ----------
    given
        Lengths that somebody asked for; None: choose them.
    beside
        Qubits that play random sequences all the while, though their own lengths are found.

    Returns
    -------
    float
        The error per Clifford, or what comes near it.
    """
    for _ in range(_ATTEMPTS):
        lengths = _lengths(error) if given is None else given
        trace = yield Sweep(name, _in_turns(lengths, sequences), shots, beside=beside)
        better = _error_in(trace)
        if given is not None or better is None:
            return error
        longest, wanted = lengths[-1], _lengths(better)[-1]
        if longest == wanted or _WELL_SEEN[0] < 2 * better * longest < _WELL_SEEN[1]:
            return better
        error = better
    return error


def _lengths(error: float) -> NDArray[np.float64]:
    longest = float(np.clip(_WINDOW / (2 * error), 2 * _LENGTHS, _LONGEST))
    return np.unique(np.round(np.geomspace(max(_SHORTEST * longest, 1.0), longest, _LENGTHS)))


def _in_turns(lengths: NDArray[np.float64], sequences: int) -> NDArray[np.float64]:
    """Return the order of measurement: all lengths up and down again, two sequences of each at a time.

    A gain that wanders while all are measured then scatters every length alike, instead of looking like a decay. The two
    end differently (`cliffords.ends_in_one`), so what shifts both alike leaves their difference.
    """
    pairs = np.repeat(lengths, 2)
    rounds = [pairs if turn % 2 == 0 else pairs[::-1] for turn in range(sequences // 2)]
    return np.concatenate([*rounds, lengths[: sequences % 2 * lengths.size]])


def _error_in(trace: Trace) -> float | None:
    """Error per Clifford that a trace shows, or by which longer or shorter sequences are due; None: neither helps."""
    tried = _WINDOW / (2 * float(trace.x.max()))
    try:
        survival = survival_of(trace)
    except AnalysisError:
        # Nothing is left even of the shortest sequences, unless they are so short that there never was a signal.
        return None if trace.x.min() <= 1 else min(tried / _SHORTEST, _USELESS)
    fit = fit_survival(survival)
    if fit.success:
        return fit.parameters["error_per_clifford"].value
    return tried / _STRIDE if _is_kept(survival) else min(tried * _STRIDE, _USELESS)


def _is_kept(survival: Survival) -> bool:
    """Whether there is a signal in the beginning, and most of it is left at the end."""
    _, means, errors = survival.means()
    first, last = means[:2].mean(), means[-2:].mean()
    return bool(first > _SEEN * errors[:2].max() and last > _KEPT * first)
