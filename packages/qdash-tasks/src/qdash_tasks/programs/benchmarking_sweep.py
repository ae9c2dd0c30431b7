"""Choice of sequence lengths that resolve the decay of random sequences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from qdash_core.errors import AnalysisError
from qdash_tasks.programs.survival import fit_survival

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from numpy.typing import NDArray

    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.survival import Survival

    Floats = NDArray[np.float64]

Asked = TypeVar("Asked")
Given = TypeVar("Given")

_WINDOW = 1.2
"""Longest sequence in decay lengths: the most efficient choice for a decay with a known asymptote."""
_ATTEMPTS = 4
_STRIDE = 6.0
_KEPT = 0.6
_SEEN = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceLengths:
    """Lengths of random Clifford sequences, and criteria for a well-measured decay.

    Attributes
    ----------
    shortest
        Shortest length in units of the longest.
    well_seen
        Range of the longest length, in decay lengths, that needs no other sequences.
    useless
        Error per Clifford above which nothing can be measured.
    """

    n_qubits: int
    lengths: int
    shortest: float
    longest: tuple[float, float]
    well_seen: tuple[float, float]
    useless: float

    @property
    def endings(self) -> int:
        """Number of final basis states between which sequences of one length alternate."""
        return 1 << self.n_qubits

    @property
    def alpha_per_error(self) -> float:
        """Decrease of alpha per unit of error: d / (d - 1)."""
        return self.endings / (self.endings - 1)

    def choose_lengths(self, error: float) -> Floats:
        """Return the sequence lengths for an error per Clifford."""
        longest = float(np.clip(_WINDOW / (self.alpha_per_error * error), *self.longest))
        return np.unique(np.round(np.geomspace(max(self.shortest * longest, 1.0), longest, self.lengths)))

    def order_lengths(self, lengths: Floats, sequences: int) -> Floats:
        """Return the order of measurement: all lengths up, then down, each once per final state.

        An equal shift of all final states leaves their differences unchanged, and a drift of the gain scatters all
        lengths alike, instead of looking like a decay.
        """
        turns, rest = divmod(sequences, self.endings)
        together = np.repeat(lengths, self.endings)
        rounds = [together if turn % 2 == 0 else together[::-1] for turn in range(turns)]
        return np.concatenate([*rounds, np.repeat(lengths, rest)])


ONE_QUBIT = SequenceLengths(
    n_qubits=1, lengths=12, shortest=1 / 64, longest=(24, 5000), well_seen=(0.4, 3.5), useless=0.5
)
TWO_QUBITS = SequenceLengths(
    n_qubits=2, lengths=10, shortest=1 / 24, longest=(10, 2000), well_seen=(0.5, 3.0), useless=0.25
)


def follow_decay(
    kind: SequenceLengths,
    error: float,
    *,
    measure: Callable[[Floats], Generator[Asked, Given, Trace]],
    find_survival: Callable[[Trace], Survival],
    requested_lengths: Floats | None,
    sequences: int,
) -> Generator[Asked, Given, float]:
    """Measure sequences for an `error` per Clifford, and again with other lengths if the data require it.

    `measure` measures sequences of these lengths, in this order; `find_survival` raises `AnalysisError` without a
    signal. Without `requested_lengths` the data decide; there are `sequences` per length. Returns the error per
    Clifford, or an approximation.
    """
    for _ in range(_ATTEMPTS):
        lengths = kind.choose_lengths(error) if requested_lengths is None else requested_lengths
        trace = yield from measure(kind.order_lengths(lengths, sequences))
        try:
            survival = find_survival(trace)
        except AnalysisError:
            survival = None
        better = _estimate_error(kind, trace.x, survival)
        if requested_lengths is not None or better is None:
            return error
        longest, wanted = lengths[-1], kind.choose_lengths(better)[-1]
        least, most = kind.well_seen
        if longest == wanted or least < kind.alpha_per_error * better * longest < most:
            return better
        error = better
    return error


def _estimate_error(kind: SequenceLengths, x: Floats, survival: Survival | None) -> float | None:
    """Estimate the error per Clifford, or guess it for longer or shorter sequences; None if neither helps."""
    tried = _WINDOW / (kind.alpha_per_error * float(x.max()))
    if survival is None:
        # Even the shortest sequences have decayed, unless they are so short that there was never a signal.
        return None if x.min() <= 1 else min(tried / kind.shortest, kind.useless)
    fit = fit_survival(survival, n_qubits=kind.n_qubits)
    if fit.success:
        return fit.parameters["error_per_clifford"].value
    return tried / _STRIDE if _is_kept(survival) else min(tried * _STRIDE, kind.useless)


def _is_kept(survival: Survival) -> bool:
    """Return whether the signal is clear at the start and mostly left at the end."""
    _, means, errors = survival.average_lengths()
    first, last = means[:2].mean(), means[-2:].mean()
    return bool(first > _SEEN * errors[:2].max() and last > _KEPT * first)
