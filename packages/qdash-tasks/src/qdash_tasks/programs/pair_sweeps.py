"""What programs on coupled qubits want measured: each kind of sweep knows its measurement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from qdash_tasks.laboratory import pair_requests as requests
from qdash_tasks.laboratory.pair_requests import (
    CrossResonance,
    GateTrain,
    RandomPairSequences,
    ReadoutReferences,
)
from qdash_tasks.laboratory.trace import Trace
from qdash_tasks.programs.sweep_rounds import Sweep

if TYPE_CHECKING:
    from qdash_tasks.laboratory.pulses import ZX90, CrossResonanceTone
    from qdash_tasks.laboratory.request import Request

Direction = tuple[str, str]
"""Control and target."""
ROLES = ("control", "target")
"""Names of both, in the order of a direction and of the rows of a map."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairSweep(Sweep):
    """What a program wants measured next on a pair.

    Attributes
    ----------
    direction
        Control and target.
    """

    direction: Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class ToneSweep(PairSweep):
    """Tomography of the target after tones of growing length: rows X, Y, Z with the control in |0>, then in |1>."""

    tone: CrossResonanceTone

    def request(self) -> Request:
        """Return it as a request."""
        return CrossResonance(*self.direction, self.x, self.tone)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateTrainSweep(PairSweep):
    """Target after so many equal gates."""

    gate: ZX90
    control_state: Literal[0, 1]
    start: Literal["ground", "superposition"] = "ground"

    def request(self) -> Request:
        """Return it as a request."""
        return GateTrain(*self.direction, self.x, self.gate, self.control_state, self.start)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadoutPoints(PairSweep):
    """Readout after commanding 0 of both qubits, and 1 of both: rows control, target."""

    def request(self) -> Request:
        """Return it as a request."""
        return ReadoutReferences(*self.direction)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionalRamsey(PairSweep):
    """Ramsey fringes of the target with one state of the control; `knob` is the artificial detuning in MHz."""

    control_state: Literal[0, 1]

    def request(self) -> Request:
        """Return it as a request."""
        return requests.ConditionalRamsey(*self.direction, self.x, self.control_state, self.knob)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairBenchmark(PairSweep):
    """Random two-qubit sequences, one point each: rows control, target. `gate` None: the one in use."""

    gate: ZX90 | None = None
    interleaved: bool = False

    def request(self) -> Request:
        """Return it as a request."""
        return RandomPairSequences(*self.direction, self.x, interleaved=self.interleaved, gate=self.gate)


def row_of(trace: Trace, row: int) -> Trace:
    """Return one row of a map as a trace."""
    return Trace(trace.x, trace.iq[row], trace.sigma[row], trace.covariance[row])
