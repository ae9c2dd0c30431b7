"""What programs on coupled qubits want measured: each kind of sweep knows its measurement."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self, Unpack

import numpy as np

from qdash_tasks.laboratory.trace import Trace
from qdash_tasks.programs.rounds import Sweep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_tasks.laboratory.pulses import ZX90, CrossResonanceTone
    from qdash_tasks.laboratory.session import Session
    from qdash_tasks.laboratory.shots import Shots

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

    @property
    def shared(self) -> tuple[object, ...]:
        """What the sweeps of one call have in common, beside their kind."""
        return ()

    @classmethod
    @abstractmethod
    def measure(cls, pairs: Session, sweeps: Mapping[str, Self], **how: Unpack[Shots]) -> Mapping[str, Trace]:
        """Measure sweeps of this kind, by coupling, that share what they must. Touches hardware."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToneSweep(PairSweep):
    """Tomography of the target after tones of growing length: rows X, Y, Z with the control in |0>, then in |1>."""

    tone: CrossResonanceTone
    axis: tuple[str, str] | None = ("duration", "ns")

    @classmethod
    def measure(cls, pairs: Session, sweeps: Mapping[str, Self], **how: Unpack[Shots]) -> Mapping[str, Trace]:
        """Measure one tomography of each pair. Touches hardware."""
        tones = {name: sweep.tone for name, sweep in sweeps.items()}
        return pairs.cross_resonance(swept(sweeps), directions=directions(sweeps), tones=tones, **how)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateTrainSweep(PairSweep):
    """Target after so many equal gates."""

    gate: ZX90
    control_state: Literal[0, 1]
    start: Literal["ground", "superposition"] = "ground"
    axis: tuple[str, str] | None = ("gates", "")

    @property
    def shared(self) -> tuple[object, ...]:
        """How both qubits are prepared."""
        return self.control_state, self.start

    @classmethod
    def measure(cls, pairs: Session, sweeps: Mapping[str, Self], **how: Unpack[Shots]) -> Mapping[str, Trace]:
        """Measure one train of each pair. Touches hardware."""
        first = next(iter(sweeps.values()))
        return pairs.gate_train(
            swept(sweeps),
            directions=directions(sweeps),
            gates={name: sweep.gate for name, sweep in sweeps.items()},
            control_state=first.control_state,
            start=first.start,
            **how,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadoutPoints(PairSweep):
    """Readout after commanding 0 of both qubits, and 1 of both: rows control, target."""

    axis: tuple[str, str] | None = ("state", "")

    @classmethod
    def measure(cls, pairs: Session, sweeps: Mapping[str, Self], **how: Unpack[Shots]) -> Mapping[str, Trace]:
        """Measure both points of each pair. Touches hardware."""
        found = pairs.readout_points(directions(sweeps), **how)
        return {name: stacked(*both) for name, both in found.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionalRamsey(PairSweep):
    """Ramsey fringes of the target with one state of the control; `knob` is the artificial detuning in MHz."""

    control_state: Literal[0, 1]
    axis: tuple[str, str] | None = ("delay", "us")

    @property
    def shared(self) -> tuple[object, ...]:
        """How the control is prepared."""
        return (self.control_state,)

    @classmethod
    def measure(cls, pairs: Session, sweeps: Mapping[str, Self], **how: Unpack[Shots]) -> Mapping[str, Trace]:
        """Measure fringes of each pair. Touches hardware."""
        return pairs.conditional_ramsey(
            swept(sweeps),
            directions=directions(sweeps),
            control_state=next(iter(sweeps.values())).control_state,
            detuning_mhz={name: sweep.knob for name, sweep in sweeps.items()},
            **how,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PairBenchmark(PairSweep):
    """Random two-qubit sequences, one point each: rows control, target. `gate` None: the one in use."""

    gate: ZX90 | None = None
    interleaved: bool = False
    axis: tuple[str, str] | None = ("length", "Cliffords")

    @property
    def shared(self) -> tuple[object, ...]:
        """Whether the gate comes in between, and whether it is the one in use."""
        return self.interleaved, self.gate is None

    @classmethod
    def measure(cls, pairs: Session, sweeps: Mapping[str, Self], **how: Unpack[Shots]) -> Mapping[str, Trace]:
        """Measure one set of sequences of each pair. Touches hardware."""
        gates = {name: sweep.gate for name, sweep in sweeps.items() if sweep.gate is not None}
        found = pairs.randomized_benchmarking(
            swept(sweeps),
            directions=directions(sweeps),
            interleaved=next(iter(sweeps.values())).interleaved,
            gates=gates or None,
            **how,
        )
        return {name: stacked(*both) for name, both in found.items()}


def directions(sweeps: Mapping[str, PairSweep]) -> dict[str, Direction]:
    """Return control and target of each coupling."""
    return {name: sweep.direction for name, sweep in sweeps.items()}


def swept(sweeps: Mapping[str, PairSweep]) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    """Return what is swept of each coupling."""
    return {name: sweep.x for name, sweep in sweeps.items()}


def stacked(control: Trace, target: Trace) -> Trace:
    """Return the traces of both qubits as one map of shape (2, n), control first."""
    arrays = (
        np.stack([getattr(one, name) for one in (control, target)]) for name in ("iq", "sigma", "covariance")
    )
    return Trace(control.x, *arrays)


def row_of(trace: Trace, row: int) -> Trace:
    """Return one row of a map as a trace."""
    return Trace(trace.x, trace.iq[row], trace.sigma[row], trace.covariance[row])
