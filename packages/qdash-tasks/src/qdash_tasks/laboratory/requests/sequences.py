"""Requests for one qubit driven by pulse sequences."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Self

import numpy as np

from qdash_analysis.cliffords.one_qubit import Sequences, ends_in_one
from qdash_tasks.laboratory.alignment import merge_programs
from qdash_tasks.laboratory.compiled_request import Compiled
from qdash_tasks.laboratory.request import Request, name_amplitude, require_choice, require_count

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from qdash_tasks.laboratory.compiled_request import Setup
    from qdash_tasks.laboratory.program import Program
    from qdash_tasks.laboratory.pulses import Pulse

    Floats = NDArray[np.float64]

LONG_ENOUGH = 6
"""Number of random Cliffords that contain every pulse of a longer sequence: five of six Cliffords have an X90."""

SIMULTANEOUS_WITH = "beside"
"""Attribute of raw data that lists the other qubits playing random sequences at the same time."""


@dataclass(frozen=True, eq=False)
class PulseTrain(Request):
    """Signal after a train of equal pulses without gaps, iq shape (n,).

    The start ``"superposition"`` is after the X90 in use, about the same axis.
    """

    axis = ("pulses", "")
    swept = "counts"
    whole = True

    counts: Floats
    pulse: Pulse
    start: Literal["ground", "superposition"] = "ground"

    def __post_init__(self) -> None:
        """Validate the fields."""
        super().__post_init__()
        require_choice("start", self.start, ("ground", "superposition"))

    @property
    def longest_ns(self) -> float:
        """Length of the longest train."""
        return float(self.counts.max()) * self.pulse.length_ns

    def largest_amplitudes(self, target: str) -> Mapping[str, float]:
        """Return the amplitude of the pulse."""
        return name_amplitude(self.pulse.amplitude, target)

    def shortened(self) -> Self:
        """Return a train of one pulse, or of none if no train has any."""
        return replace(self, counts=np.minimum(self.counts.max(keepdims=True), 1))

    def compiled(self, target: str, at: Setup) -> Compiled:
        """Return the pulse trains."""
        programs = []
        for count in self.counts.astype(int).tolist():
            line = at.timeline()
            if self.start == "superposition":
                line.pulse(target, at.settings[target].x90)
            for _ in range(count):
                line.pulse(target, self.pulse)
            programs.append(line.read(target))
        return Compiled(tuple(programs), (target,))


@dataclass(frozen=True, eq=False)
class DragScan(Request):
    """Signal after `pairs` repetitions of a pulse and its opposite, against their DRAG coefficient, iq shape (n,).

    The coefficients `betas_ns`, of either sign, replace the pulse's own.
    """

    axis = ("beta", "ns")
    swept = "betas_ns"
    signed = True

    betas_ns: Floats
    pulse: Pulse
    pairs: int

    def __post_init__(self) -> None:
        """Validate the fields."""
        super().__post_init__()
        require_count("pairs", self.pairs)

    @property
    def longest_ns(self) -> float:
        """Total length of all pulses."""
        return 2 * self.pairs * self.pulse.length_ns

    def largest_amplitudes(self, target: str) -> Mapping[str, float]:
        """Return the amplitude of the pulse."""
        return name_amplitude(self.pulse.amplitude, target)

    def compiled(self, target: str, at: Setup) -> Compiled:
        """Return pairs of a pulse and its opposite for each coefficient."""
        programs = []
        for beta_ns in self.betas_ns.tolist():
            line, pulse = at.timeline(), replace(self.pulse, beta_ns=beta_ns)
            for _ in range(self.pairs):
                line.pulse(target, pulse)
                line.pulse(target, pulse, phase_rad=np.pi)
            programs.append(line.read(target))
        return Compiled(tuple(programs), (target,))


@dataclass(frozen=True, eq=False)
class RandomSequences(Request):
    """Signal after random Clifford sequences, one point per sequence, iq shape (n,).

    `Trace.ends` has shape (n,). Sequences are independent; about half of them are closed to end in |1>, as
    the answer states.

    `lengths` counts Cliffords without the recovery Clifford; the pulse `interleaved` follows each of them.
    """

    axis = ("length", "Cliffords")
    has_ends = True
    swept = "lengths"
    whole = True

    lengths: Floats
    interleaved: Literal["X90", "X180"] | None = None

    def __post_init__(self) -> None:
        """Validate the fields."""
        super().__post_init__()
        require_choice("interleaved", self.interleaved, (None, "X90", "X180"))

    @property
    def ends_shape(self) -> tuple[int, ...]:
        """Shape of `Trace.ends`: one for each sequence."""
        return (self.lengths.size,)

    def shortened(self) -> Self:
        """Return one short sequence that contains every pulse of the others."""
        return replace(self, lengths=np.minimum(self.lengths.max(keepdims=True), LONG_ENOUGH))

    def compiled(self, target: str, at: Setup) -> Compiled:
        """Return the pulses of each sequence, with rotations about z as phases."""
        return Compiled(self._compile_random(target, at), (target,), ends_in_one(self.lengths.size))

    def _compile_random(self, qid: str, at: Setup) -> tuple[Program, ...]:
        """Return random sequences on one qubit."""
        drawn = Sequences.random(self.lengths, interleaved=self.interleaved, rng=at.rng)
        settings, programs = at.settings[qid], []
        known: dict[str, Pulse] = {}
        for pulses in drawn.programs():
            line = at.timeline()
            for name, phase_rad in pulses:
                pulse = known.get(name)
                if pulse is None:
                    # Values of a pulse that is not played are not read.
                    pulse = known[name] = settings.x180 if name == "X180" else settings.x90
                line.pulse(qid, pulse, phase_rad=phase_rad)
            programs.append(line.read(qid))
        return tuple(programs)


@dataclass(frozen=True, eq=False)
class SimultaneousSequences(RandomSequences):
    """Random sequences simultaneous with those of other qubits; see `RandomSequences`.

    Only a laboratory that plays on several qubits at the same time supports it: played one after the other,
    the fidelity would be that of an isolated qubit.

    The qubits `simultaneous_with` play at the same time, read or not.
    """

    simultaneous_with: frozenset[str] = frozenset()

    def compiled(self, target: str, at: Setup) -> Compiled:
        """Return the sequences, together with those of simultaneous qubits that no target of the call drives."""
        own = self._compile_random(target, at)
        beside = [
            [replace(program, readouts=()) for program in self._compile_random(qid, at)]
            for qid in at.reserve(self.simultaneous_with)
        ]
        programs = (merge_programs(those, at.limits) for those in zip(own, *beside, strict=True))
        return Compiled(tuple(programs), (target,), ends_in_one(self.lengths.size))
