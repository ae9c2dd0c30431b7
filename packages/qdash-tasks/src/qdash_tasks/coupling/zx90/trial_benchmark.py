"""How much a trial gate loses, in short: random sequences of two lengths, to rank gates by (ORBIT).

Kelly et al., PRL 112, 240504 (2014). The gate follows each Clifford, so that it is most of what is lost: what one-qubit pulses
lose counts too, alike for all trial gates, and is the larger part where static ZZ is large.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_tasks.laboratory.pair_requests import RandomPairSequences, ReadoutReferences
from qdash_tasks.programs.asks import each, in_calls
from qdash_tasks.programs.pair_conditions import ROLES
from qdash_tasks.programs.readout_reference import (
    ReadoutLine,
    UnreadableError,
    ends_of,
    reference_name,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from numpy.typing import NDArray

    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.laboratory.pulses import ZX90
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.asks import Ask
    from qdash_tasks.programs.pair_parameters import PairParameters

    Floats = NDArray[np.float64]

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


@dataclass(frozen=True, slots=True)
class Trial:
    """A gate to be tried.

    Attributes
    ----------
    expected
        A guess of the error per step.
    more
        How many times as many sequences as usual.
    """

    name: str
    gate: ZX90
    expected: float
    more: int = 1

    def requests(self, pair: PairParameters) -> dict[str, Request]:
        """Return what is asked for, its reference first."""
        lengths = np.repeat(
            [SHORT, longest_for(self.expected)],
            [self.more * _SHORT_SEQUENCES, self.more * _LONG_SEQUENCES],
        )
        asked = RandomPairSequences(*pair.qids, lengths.astype(np.float64), interleaved=True, gate=self.gate)
        name = sequences_of(self.name)
        return {reference_name(name): ReadoutReferences(*pair.qids), name: asked}


def sequences_of(name: str) -> str:
    """Return under which name the sequences of a trial gate are kept."""
    return f"{name}_sequences"


def trials(wanted: Sequence[Trial], pair: PairParameters) -> Generator[Ask, Mapping[str, Answer], list[Loss]]:
    """Ask for sequences of trial gates, in as few calls as take them, and return what each loses.

    A gate that the lines cannot play is hopeless, and nothing is asked for; so is one of which nothing can be read.
    """
    asked = [one.requests(pair) for one in wanted if pair.can_play(one.gate.tone)]
    found: dict[str, Trace] = {}
    for requests in in_calls(asked, pair.points_a_call):
        found |= yield from each(requests, pair.shots)
    return [_loss_of(sequences_of(one.name), found) for one in wanted]


def _loss_of(name: str, found: Mapping[str, Trace]) -> Loss:
    if name not in found:
        return Loss(HOPELESS, HOPELESS)
    return loss_in(found[name], found[reference_name(name)])


def loss_in(trace: Trace, reference: Trace) -> Loss:
    """Return what a step loses: the decay of <Z> of both qubits towards the endings that were meant.

    Parameters
    ----------
    reference
        Readout of the commanded states in the same call: rows control, target. A qubit whose readout does not tell them
        apart says nothing, as one whose line has died; without any the gate is hopeless.
    """
    lines = _readable(reference)
    if not lines:
        return Loss(HOPELESS, HOPELESS)
    kept = _left(trace, lines)
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


def _left(trace: Trace, lines: Mapping[int, ReadoutLine]) -> Floats:
    """Return for each sequence what is left of <Z>, the mean of the qubits that can be read, shape (n,)."""
    signs = np.where(ends_of(trace), -1.0, 1.0)
    values = [signs[:, row] * line.expectations(trace.row(row))[0] for row, line in lines.items()]
    return np.asarray(np.mean(values, axis=0))


def _readable(reference: Trace) -> dict[int, ReadoutLine]:
    """Return the lines of the qubits that can be read, by row."""
    found = {}
    for row, role in enumerate(ROLES):
        with suppress(UnreadableError):
            found[row] = ReadoutLine.of(reference.row(row), called=f"the {role}")
    return found
