"""Chooses how long random two-qubit sequences must be to show what they lose."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_fake.tasks.pair_survival import fit_pair_survival, pair_survivals
from qdash_fake.tasks.pair_sweeps import PairBenchmark
from qdash_fake.tasks.rounds import Recording

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from qdash_fake.tasks.pair_survival import PairSurvival
    from qdash_fake.tasks.pair_sweeps import Direction
    from qdash_fake.tasks.rounds import Sweep
    from qdash_fake.trace import Trace

    Floats = NDArray[np.float64]

LOST = 4 / 3
"""By how much alpha falls below one for each unit of error: d / (d - 1)."""
USELESS = 0.25
"""Error of a Clifford of which no gate can be told."""

_LENGTHS = 10
_SHORTEST = 1 / 24
_LONGEST = 2000
_WINDOW = 1.2
"""Longest sequence in decay lengths: where a decay with a known asymptote is told best for its price."""
_WELL_SEEN = (0.5, 3.0)
_ATTEMPTS = 4
_STRIDE = 6.0
_ENDINGS = 4
_SEEN, _KEPT = 4.0, 0.6


def look_for_pair_decay(
    name: str,
    error: float,
    *,
    direction: Direction,
    interleaved: bool,
    given: Floats | None,
    sequences: int,
    shots: int,
) -> Generator[Sweep, Trace, float]:
    """Ask for sequences of lengths that suit an `error` per Clifford, and for others if the data say so.

    Parameters
    ----------
    interleaved
        Whether the gate in use follows each Clifford.
    given
        Lengths that somebody asked for; None: choose them.

    Returns
    -------
    float
        The error per Clifford, or what comes near it.
    """
    for _ in range(_ATTEMPTS):
        lengths = _lengths(error) if given is None else given
        sweep = PairBenchmark(
            name, _in_turns(lengths, sequences), shots, direction=direction, interleaved=interleaved
        )
        better = _error_in(sweep, (yield sweep))
        if given is not None or better is None:
            return error
        longest, wanted = lengths[-1], _lengths(better)[-1]
        if longest == wanted or _WELL_SEEN[0] < LOST * better * longest < _WELL_SEEN[1]:
            return better
        error = better
    return error


def _lengths(error: float) -> Floats:
    longest = float(np.clip(_WINDOW / (LOST * error), _LENGTHS, _LONGEST))
    return np.unique(np.round(np.geomspace(max(_SHORTEST * longest, 1.0), longest, _LENGTHS)))


def _in_turns(lengths: Floats, sequences: int) -> Floats:
    """Return the order of measurement: all lengths up and down again, four sequences of each at a time.

    The four end in each of the basis states (`two_qubit_cliffords.ends_in`), so what shifts all alike leaves their
    differences; and a gain that wanders while all are measured does not look like decay.
    """
    turns, rest = divmod(sequences, _ENDINGS)
    fours = np.repeat(lengths, _ENDINGS)
    rounds = [fours if turn % 2 == 0 else fours[::-1] for turn in range(turns)]
    return np.concatenate([*rounds, np.repeat(lengths, rest)])


def _error_in(sweep: PairBenchmark, trace: Trace) -> float | None:
    """Error per Clifford that a trace shows, or by which longer or shorter sequences are due; None: neither helps."""
    tried = _WINDOW / (LOST * float(trace.x.max()))
    recording = Recording("length", "Cliffords")
    recording.keep(sweep, trace)
    try:
        (survival,) = pair_survivals(recording.raw({}), (sweep.name,), shots=sweep.shots)
    except AnalysisError:
        # Nothing is left even of the shortest sequences, unless they are so short that there never was a signal.
        return None if trace.x.min() <= 1 else min(tried / _SHORTEST, USELESS)
    fit = fit_pair_survival(survival)
    if fit.success:
        return fit.parameters["error_per_clifford"].value
    return tried / _STRIDE if _is_kept(survival) else min(tried * _STRIDE, USELESS)


def _is_kept(survival: PairSurvival) -> bool:
    """Whether there is a signal in the beginning, and most of it is left at the end."""
    _, means, errors = survival.means()
    first, last = means[:2].mean(), means[-2:].mean()
    return bool(first > _SEEN * errors[:2].max() and last > _KEPT * first)
