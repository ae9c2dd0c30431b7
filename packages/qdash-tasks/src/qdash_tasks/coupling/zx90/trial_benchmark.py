"""How much a trial gate loses, in short: random sequences of two lengths, to rank gates by (ORBIT).

Kelly et al., PRL 112, 240504 (2014). The gate follows each Clifford, so that it is most of what is lost: what one-qubit pulses
lose counts too, alike for all trial gates, and is the larger part where static ZZ is large.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_tasks.laboratory.pair_requests import RandomPairSequences
from qdash_tasks.programs.asks import one
from qdash_tasks.programs.readout_reference import ends_of

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from numpy.typing import NDArray

    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.laboratory.pulses import ZX90
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.asks import Ask
    from qdash_tasks.programs.pair_parameters import PairParameters
    from qdash_tasks.programs.readout_reference import ReadoutLine

    Floats = NDArray[np.float64]
    Lines = tuple[ReadoutLine, ReadoutLine]

SHORT = 2
_SHORT_SEQUENCES, _LONG_SEQUENCES = 12, 24
_DECAYED, _LONGEST = 0.8, 80
_DIMENSION = 4
_LEAST_LEFT = 0.03
GATES_OF_A_STEP = 2.5
"""One and a half in a Clifford on average, and the one behind it."""
HOPELESS = 0.3
"""Error of a step beyond which nothing is left to rank by."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Average error of a two-qubit Clifford with the gate behind it, and its standard error from the scatter of sequences."""

    error: float
    sigma: float


def of_gate(loss: float) -> float:
    """Return the error of a gate of which a step loses so much, all of it to the gates: at most this, as one-qubit pulses lose too."""
    share = 1 - 1 / _DIMENSION
    return share * (1 - math.pow(max(1 - loss / share, 0.0), 1 / GATES_OF_A_STEP))


def longest_for(error: float) -> int:
    """Return the number of steps in which sequences of such an error per step lose about half."""
    return int(np.clip(round(_DECAYED * (1 - 1 / _DIMENSION) / max(error, 1e-4)), 4 * SHORT, _LONGEST))


def trial(
    name: str, gate: ZX90, pair: PairParameters, *, expected: float, more: int = 1
) -> Generator[Ask, Mapping[str, Answer], Loss]:
    """Ask for sequences of a trial gate, `more` times as many as usual; `expected` is a guess of the error per step.

    A gate that the lines cannot play is hopeless, and nothing is asked for.
    """
    if not pair.can_play(gate.tone):
        return Loss(HOPELESS, HOPELESS)
    lengths = np.repeat([SHORT, longest_for(expected)], [more * _SHORT_SEQUENCES, more * _LONG_SEQUENCES])
    asked = RandomPairSequences(*pair.qids, lengths.astype(np.float64), interleaved=True, gate=gate)
    trace = yield from one(f"{name}_sequences", asked, pair.shots)
    return loss_in(trace, pair.lines)


def loss_in(trace: Trace, lines: Lines) -> Loss:
    """Return what a step loses: the decay of <Z> of both qubits towards the endings that were meant."""
    kept = left(trace, lines)
    lengths = np.unique(trace.x)
    short, long = (kept[trace.x == length] for length in (lengths[0], lengths[-1]))
    first, last = short.mean(), long.mean()
    if last < _LEAST_LEFT or first <= last:
        worst = HOPELESS if last < _LEAST_LEFT else 1e-3
        return Loss(worst, worst)
    steps = lengths[-1] - lengths[0]
    spread = [float(one.std(ddof=1) / one.mean() / math.sqrt(one.size)) for one in (short, long)]
    rate = math.log(first / last) / steps
    share = 1 - 1 / _DIMENSION
    return Loss(share * -math.expm1(-rate), share * math.hypot(*spread) / steps)


def left(trace: Trace, lines: Lines) -> Floats:
    """Return for each sequence what is left of <Z>, the mean of both qubits, shape (n,)."""
    signs = np.where(ends_of(trace), -1.0, 1.0).T
    values = np.stack([line.expectations(trace.row(row))[0] for row, line in enumerate(lines)])
    return np.asarray((signs * values).mean(axis=0))
