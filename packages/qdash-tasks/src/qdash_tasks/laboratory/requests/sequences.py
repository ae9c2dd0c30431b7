"""What can be asked of one qubit under many pulses in a row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from qdash_analysis.cliffords.one_qubit import Sequences, ends_in_one
from qdash_tasks.laboratory.alignment import together
from qdash_tasks.laboratory.compiling import Compiled
from qdash_tasks.laboratory.request import Request, named_amplitude, require_choice, require_count

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from qdash_tasks.laboratory.compiling import Setup
    from qdash_tasks.laboratory.program import Program
    from qdash_tasks.laboratory.pulses import Pulse

    Floats = NDArray[np.float64]

SIMULTANEOUS_WITH = "beside"
"""Attribute of raw data: the other qubits that played random sequences, too."""


@dataclass(frozen=True, eq=False)
class PulseTrain(Request):
    """Signal after so many equal pulses without gaps, iq shape (n,).

    Attributes
    ----------
    start
        ``"superposition"``: after the X90 in use, about the same axis.
    """

    axis = ("pulses", "")
    swept = "counts"
    whole = True

    counts: Floats
    pulse: Pulse
    start: Literal["ground", "superposition"] = "ground"

    def __post_init__(self) -> None:
        """Check the fields."""
        super().__post_init__()
        require_choice("start", self.start, ("ground", "superposition"))

    @property
    def longest_ns(self) -> float:
        """Length of the longest train."""
        return float(self.counts.max()) * self.pulse.length_ns

    def largest_amplitudes(self, target: str) -> Mapping[str, float]:
        """Return that of the pulse."""
        return named_amplitude(self.pulse.amplitude, target)

    def compiled(self, target: str, at: Setup) -> Compiled:
        """Return so many pulses."""
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
    """Signal after `pairs` times a pulse and its opposite, against their DRAG coefficient, iq shape (n,).

    Attributes
    ----------
    betas_ns
        In place of the pulse's own; of any sign.
    """

    axis = ("beta", "ns")
    swept = "betas_ns"
    signed = True

    betas_ns: Floats
    pulse: Pulse
    pairs: int

    def __post_init__(self) -> None:
        """Check the fields."""
        super().__post_init__()
        require_count("pairs", self.pairs)

    @property
    def longest_ns(self) -> float:
        """Length of all pulses."""
        return 2 * self.pairs * self.pulse.length_ns

    def largest_amplitudes(self, target: str) -> Mapping[str, float]:
        """Return that of the pulse."""
        return named_amplitude(self.pulse.amplitude, target)

    def compiled(self, target: str, at: Setup) -> Compiled:
        """Return pairs of pulse and opposite pulse with each coefficient."""
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
    """Signal after random sequences of Cliffords, one point a sequence, iq shape (n,); `Trace.ends` has shape (n,).

    Sequences are independent of each other; about half of them are closed to end in |1>, as the answer tells.

    Attributes
    ----------
    lengths
        Cliffords of each sequence, without the one that closes it.
    interleaved
        The pulse in use that follows each Clifford but the closing one.
    """

    axis = ("length", "Cliffords")
    has_ends = True
    swept = "lengths"
    whole = True

    lengths: Floats
    interleaved: Literal["X90", "X180"] | None = None

    def __post_init__(self) -> None:
        """Check the fields."""
        super().__post_init__()
        require_choice("interleaved", self.interleaved, (None, "X90", "X180"))

    @property
    def ends_shape(self) -> tuple[int, ...]:
        """One for each sequence."""
        return (self.lengths.size,)

    def compiled(self, target: str, at: Setup) -> Compiled:
        """Return the pulses of each sequence; the turns about z are in their phases."""
        return Compiled(self._drawn(target, at), (target,), ends_in_one(self.lengths.size))

    def _drawn(self, qid: str, at: Setup) -> tuple[Program, ...]:
        """Return random sequences on one qubit."""
        drawn = Sequences.random(self.lengths, interleaved=self.interleaved, rng=at.rng)
        settings, programs = at.settings[qid], []
        for pulses in drawn.programs():
            line = at.timeline()
            for name, phase_rad in pulses:
                line.pulse(qid, settings.x180 if name == "X180" else settings.x90, phase_rad=phase_rad)
            programs.append(line.read(qid))
        return tuple(programs)


@dataclass(frozen=True, eq=False)
class SimultaneousSequences(RandomSequences):
    """Random sequences while other qubits play theirs, as `RandomSequences`.

    Only a laboratory that plays on several qubits at the same time answers it: of one that takes them one after the other
    the fidelity would be that of a qubit alone.

    Attributes
    ----------
    simultaneous_with
        The other qubits, which play such sequences meanwhile, read or not.
    """

    simultaneous_with: frozenset[str] = frozenset()

    def compiled(self, target: str, at: Setup) -> Compiled:
        """Return the sequences, and others on qubits beside that no other target of the call plays on."""
        own = self._drawn(target, at)
        beside = [
            [replace(program, readouts=()) for program in self._drawn(qid, at)]
            for qid in at.take(self.simultaneous_with)
        ]
        programs = (together(those, at.limits) for those in zip(own, *beside, strict=True))
        return Compiled(tuple(programs), (target,), ends_in_one(self.lengths.size))
