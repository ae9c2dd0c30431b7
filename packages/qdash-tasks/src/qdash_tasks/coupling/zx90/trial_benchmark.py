"""Short benchmark of trial gates: random sequences of two lengths, to rank gates (ORBIT).

Kelly et al., PRL 112, 240504 (2014). The gate follows each Clifford, so it causes most of the loss, unless static ZZ is
large; one-qubit pulses add the same loss to all trial gates.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qdash_tasks.laboratory.pair_requests import RandomPairSequences, ReadoutReferences
from qdash_tasks.programs.measurement_calls import group_into_calls, measure_traces
from qdash_tasks.programs.pair_conditions import ROLES
from qdash_tasks.programs.readout_reference import (
    ReadoutLine,
    UnreadableError,
    decode_ends,
    make_reference_name,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from numpy.typing import NDArray

    from qdash_tasks.laboratory.port import Answer
    from qdash_tasks.laboratory.pulses import ZX90
    from qdash_tasks.laboratory.request import Request
    from qdash_tasks.laboratory.trace import Trace
    from qdash_tasks.programs.measurement_calls import MeasurementCall
    from qdash_tasks.programs.pair_parameters import PairParameters

    Floats = NDArray[np.float64]

SHORT = 2
_SHORT_SEQUENCES, _LONG_SEQUENCES = 12, 24
_DECAYED, _LONGEST = 0.8, 80
_DIMENSION = 4
_LEAST_LEFT = 0.03
GATES_OF_A_STEP = 2.5
"""Gates per step: one and a half in a Clifford on average, and the one after it."""
HOPELESS = 0.3
"""Error of a step above which gates cannot be ranked."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Average error of a two-qubit Clifford and the gate; `sigma` is the standard error from the scatter of sequences."""

    error: float
    sigma: float


def estimate_gate_error(loss: float) -> float:
    """Return an upper bound of the gate error from a loss per step, to which one-qubit pulses contribute."""
    share = 1 - 1 / _DIMENSION
    return share * (1 - math.pow(max(1 - loss / share, 0.0), 1 / GATES_OF_A_STEP))


def choose_longest_sequence(error: float) -> int:
    """Return the number of steps after which an error per step has removed about half of the signal."""
    return int(np.clip(round(_DECAYED * (1 - 1 / _DIMENSION) / max(error, 1e-4)), 4 * SHORT, _LONGEST))


@dataclass(frozen=True, slots=True)
class Trial:
    """Gate to be tried, with the estimated error per step and a factor on the usual number of sequences."""

    name: str
    gate: ZX90
    expected: float
    more: int = 1

    def requests(self, pair: PairParameters) -> dict[str, Request]:
        """Return the requests of the trial, its readout reference first."""
        lengths = np.repeat(
            [SHORT, choose_longest_sequence(self.expected)],
            [self.more * _SHORT_SEQUENCES, self.more * _LONG_SEQUENCES],
        )
        asked = RandomPairSequences(*pair.qids, lengths.astype(np.float64), interleaved=True, gate=self.gate)
        name = make_sequences_name(self.name)
        return {make_reference_name(name): ReadoutReferences(*pair.qids), name: asked}


def make_sequences_name(name: str) -> str:
    """Return the name under which the sequences of a trial gate are stored."""
    return f"{name}_sequences"


def measure_trials(
    trials: Sequence[Trial], pair: PairParameters
) -> Generator[MeasurementCall, Mapping[str, Answer], list[Loss]]:
    """Measure random sequences of trial gates in as few calls as possible; return the loss of each gate.

    A gate that the lines cannot play, or whose readout fails, is hopeless.
    """
    asked = [one.requests(pair) for one in trials if pair.can_play(one.gate.tone)]
    found: dict[str, Trace] = {}
    for requests in group_into_calls(asked, pair.points_a_call):
        found |= yield from measure_traces(requests, pair.shots)
    return [_read_trial_loss(make_sequences_name(one.name), found) for one in trials]


def _read_trial_loss(name: str, found: Mapping[str, Trace]) -> Loss:
    if name not in found:
        return Loss(HOPELESS, HOPELESS)
    return estimate_loss(found[name], found[make_reference_name(name)])


def estimate_loss(trace: Trace, reference: Trace) -> Loss:
    """Estimate the loss per step from the decay of both qubits' <Z> relative to their intended final states.

    `reference` is the readout of the prepared states in the same call: rows control, target. A qubit whose readout does
    not separate them is left out; without any qubit the gate is hopeless.
    """
    lines = _select_readable_lines(reference)
    if not lines:
        return Loss(HOPELESS, HOPELESS)
    kept = _average_remaining(trace, lines)
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


def _average_remaining(trace: Trace, lines: Mapping[int, ReadoutLine]) -> Floats:
    """Return <Z> of each sequence relative to its final state, averaged over the readable qubits, shape (n,)."""
    signs = np.where(decode_ends(trace), -1.0, 1.0)
    values = [signs[:, row] * line.compute_expectations(trace.row(row))[0] for row, line in lines.items()]
    return np.asarray(np.mean(values, axis=0))


def _select_readable_lines(reference: Trace) -> dict[int, ReadoutLine]:
    """Return the readout lines of the qubits whose readout separates the prepared states, by row."""
    found = {}
    for row, role in enumerate(ROLES):
        with suppress(UnreadableError):
            found[row] = ReadoutLine.from_points(reference.row(row), label=f"the {role}")
    return found
