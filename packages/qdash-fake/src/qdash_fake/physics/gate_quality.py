"""Quality of an echoed cross-resonance gate, and of the best possible one."""

from __future__ import annotations

import math
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qdash_fake.physics.gate_search import MOST_TURNS, GateSearch
from qdash_fake.physics.pair_evolution import gate_channel
from qdash_fake.physics.superoperators import PAULIS, pauli_transfer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_fake.physics.chip import QubitTruth
    from qdash_fake.physics.gate_search import GateCandidate
    from qdash_fake.physics.pair import Pair
    from qdash_tasks.laboratory.pulses import ZX90

    Floats = NDArray[np.float64]

_IDEAL = pauli_transfer((np.eye(4) - 1j * PAULIS[4 * 3 + 1]) / math.sqrt(2))

_SHARES = np.geomspace(0.08, 1.0, 16)
"""Screened drives, in units of the largest."""
_ROUGH, _ROUGH_TURNS = np.geomspace(0.08, 1.0, 8), np.array([-1.0, 0.0, 1.0])
_TURNS = np.arange(-MOST_TURNS, MOST_TURNS + 0.1, 0.25)
_STRONG = _SHARES[-6:]
_ASIDE = np.multiply.outer([1, 2, 3, -1, -2, -3], np.exp([0.3j, -0.3j])).ravel()
"""Rotations about axes near X, for strong drives, whose edges add a rotation about Y."""
_LOOKED_AT, _TUNED, _LIKELY, _POLISHED = 60, 16, 6, 3
"""Numbers of starting points: with a full error; tuned, the best by the sum of errors and by the full error; polished.
"""


class BestGate(NamedTuple):
    """Best possible gate of a pair, with 1 minus its average fidelity and the length of both tones and both X180.

    `amplitude` is that of the tone on the control's line, in units of full scale.
    """

    error: float
    amplitude: float
    gate_time_ns: float
    gate: ZX90


def gate_fidelity(channel: Floats) -> float:
    """Return the average fidelity of a transfer matrix (16, 16) to ``exp(-i pi/4 ZX)``, with leakage as loss.

    ``(d F + 1 - L)/(d + 1)`` with the process fidelity F and the leakage L (Wood and Gambetta, PRA 97, 032306 (2018)).
    """
    return float(np.sum(_IDEAL * channel) / 4 + channel[0, 0]) / 5


def ideal_x180(qubit: QubitTruth, length_ns: float) -> Floats:
    """Return the transfer matrix (4, 4) of a perfectly calibrated X180 with its unavoidable errors."""
    levels, drive = qubit.levels, qubit.drive
    time_us = length_ns * 1e-3
    transverse, along = math.exp(-time_us / levels.t2_us), math.exp(-time_us / levels.t1_us)
    kept = math.exp(-drive.depolarisation_per_rad * math.pi)
    # Amplitude noise shrinks the rotating components; relaxation pulls to |1> in one half of the pulse, to
    # |0> in the other.
    blurred = math.exp(-((drive.amplitude_spread * math.pi) ** 2) / 2)
    turning = math.sqrt(transverse * along) * blurred
    return np.diag([1.0, kept * transverse, -kept * turning, -kept * turning])


def find_best_gate(pair: Pair) -> BestGate:
    """Return the gate with the smallest error on a pair with perfect one-qubit pulses at the true frequencies.

    All parameters of `CreateZX90` are varied: drive of the control (up to 0.75 of the qubits' detuning, 100 MHz, full
    scale) and its phase, length of the tone (56 ns to 3 us), and amplitude and phase on the target's line, with up to
    three turns about any axis near X. There are many minima, because the leakage of both edges of a tone interferes: a
    grid is screened, and the most promising gates are optimised by gradient with decoherence as an additive term. The
    full error, which may differ by a quarter, selects and polishes.
    """
    search, by_error = GateSearch(pair), attrgetter("error")

    def whole(found: GateCandidate) -> BestGate:
        return _evaluate_gate(pair, search.make_gate(found))

    screened = search.screen(_SHARES, _TURNS) + search.screen(_STRONG, _ASIDE)
    starts = search.select_distinct(sorted(screened, key=by_error), _LOOKED_AT)
    likely = sorted(starts[_TUNED:], key=lambda start: whole(start).error)[:_LIKELY]
    tuned = sorted(
        (search.tune(start) for start in starts[:_TUNED] + likely), key=lambda gate: whole(gate).error
    )
    polished = [search.polish(gate, lambda found: whole(found).error) for gate in tuned[:_POLISHED]]
    return min(map(whole, polished), key=by_error)


def estimate_error(pair: Pair) -> float:
    """Return the smallest error of the screened, untuned gates, enough to choose a direction."""
    return GateSearch(pair).screen(_ROUGH, _ROUGH_TURNS)[0].error


def _evaluate_gate(pair: Pair, gate: ZX90) -> BestGate:
    """Return a gate with its full error."""
    x180_ns = pair.control.design.pulse_length_ns
    channel = gate_channel(
        pair,
        gate,
        drives_ghz=(pair.control.frequency_ghz, pair.target.frequency_ghz),
        x180=ideal_x180(pair.control, x180_ns),
        x180_ns=x180_ns,
    )
    length_ns = 2 * (gate.tone_ns + x180_ns)
    return BestGate(1 - gate_fidelity(channel), gate.tone.amplitude, length_ns, gate)
