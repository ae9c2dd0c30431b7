"""Requests for two coupled qubits: one class for each kind of measurement.

Both qubits play their pulses in use, start after a reset of both, and are read out at the same time.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, Self

import numpy as np

from qdash_analysis.cliffords import PairSequences, ends_in
from qdash_core.errors import InvalidInputError
from qdash_tasks.laboratory.compiled_request import Compiled
from qdash_tasks.laboratory.grids import round_up
from qdash_tasks.laboratory.pair_sequences import compile_sequences, prepare_states, rotate_for_reading
from qdash_tasks.laboratory.request import Request, require_choice, require_count, require_number
from qdash_tasks.laboratory.requests.delays import round_gaps_us
from qdash_tasks.laboratory.requests.drive import round_pulses_ns
from qdash_tasks.laboratory.requests.sequences import LONG_ENOUGH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from qdash_tasks.laboratory.compiled_request import Setup
    from qdash_tasks.laboratory.limits import Limits
    from qdash_tasks.laboratory.program import Program
    from qdash_tasks.laboratory.pulses import ZX90, CrossResonanceTone, Prepared
    from qdash_tasks.laboratory.timeline import Timeline

    Floats = NDArray[np.float64]

_PREPARED = ("00", "01", "10", "11", "bell")
_BASES = tuple(control + target for control in "XYZ" for target in "XYZ")


@dataclass(frozen=True, eq=False)
class PairRequest(Request):
    """Measurement on a coupling, in the direction in which it is driven, from control to target."""

    control: str
    target: str

    def _list_amplitudes(self, tone: CrossResonanceTone) -> Mapping[str, float]:
        return {
            self.control: abs(tone.amplitude),
            self.target: abs(tone.cancel_amplitude) + abs(tone.rotary_amplitude),
        }


@dataclass(frozen=True, eq=False)
class ReadoutReferences(PairRequest):
    """Signals of both qubits prepared in 0 and in 1, iq shape (2, n), the control first.

    Both states are repeated, since the call that uses this reference may have too few shots.
    """

    axis = ("state", "")

    repeats: int = 1

    def __post_init__(self) -> None:
        """Validate the fields."""
        super().__post_init__()
        require_count("repeats", self.repeats)

    @property
    def x(self) -> Floats:
        """Prepared states, 0 and 1 alternating, shape (2 repeats,)."""
        return np.tile([0.0, 1.0], self.repeats)

    def shape(self, shots: int) -> tuple[int, ...]:  # noqa: ARG002  a mean has the same shape for all
        """Return (qubits, states)."""
        return 2, self.x.size

    def compiled(self, target: str, at: Setup) -> Compiled:  # noqa: ARG002  both qubits are named
        """Return a wait of the length of X180, then X180 on both qubits."""
        programs = (
            prepare_states(at.timeline(), self.control, self.target, states).read(self.control, self.target)
            for states in self.repeats * ((0, 0), (1, 1))
        )
        return Compiled(tuple(programs), (self.control, self.target))


@dataclass(frozen=True, eq=False)
class CrossResonance(PairRequest):
    """Tomography of a tone: target's signal against its length, edges included, iq shape (6, n).

    Rows: X, Y, Z of the target, the control in |0> (nothing is played for the time of its X180 in use), then
    in |1> (that X180). The target's X90 in use rotates a component so that its +1 is read as |0>.
    """

    axis = ("duration", "ns")
    swept = "durations_ns"

    durations_ns: Floats
    tone: CrossResonanceTone

    def shape(self, shots: int) -> tuple[int, ...]:  # noqa: ARG002  a mean has the same shape for all
        """Return (components and control states, durations)."""
        return 6, self.durations_ns.size

    @property
    def points(self) -> int:
        """Total number of points over all rows."""
        return 6 * self.durations_ns.size

    def largest_amplitudes(self, target: str) -> Mapping[str, float]:  # noqa: ARG002  of both qubits
        """Return the amplitudes of the tone on both lines."""
        return self._list_amplitudes(self.tone)

    def on_grid(self, limits: Limits, target: str) -> Self:  # noqa: ARG002  both qubits are named
        """Return the request with durations that both lines can play."""
        return replace(
            self, durations_ns=round_pulses_ns(limits, self.durations_ns, self.control, self.target)
        )

    def compiled(self, target: str, at: Setup) -> Compiled:  # noqa: ARG002  both qubits are named
        """Return the control's preparation, the tone and the target's tomography rotation; the duration changes fastest."""
        programs = (
            self._compile_component(at, state, component, length_ns)
            for state in (0, 1)
            for component in "XYZ"
            for length_ns in self.durations_ns.tolist()
        )
        return Compiled(tuple(programs), (self.target,))

    def _compile_component(self, at: Setup, state: int, component: str, length_ns: float) -> Program:
        line = prepare_states(self._begin_program(at), self.control, self.target, (state, 0))
        line.tone(self.control, self.target, self.tone, length_ns)
        rotate_for_reading(line, self.target, component)
        return line.read(self.control, self.target)

    def _begin_program(self, at: Setup) -> Timeline:
        """Return an empty program builder."""
        return at.timeline()


@dataclass(frozen=True, eq=False)
class LaterCrossResonance(CrossResonance):
    """`CrossResonance` with every pulse delayed within its program, iq shape (6, n).

    Nothing is played in the first `wait_ns`, so the answer should not change. It changes if the generator of a tone
    runs at a frequency other than the target's: its phase at the start then depends on the delay.
    """

    wait_ns: float = field(kw_only=True)

    def __post_init__(self) -> None:
        """Validate the fields."""
        super().__post_init__()
        require_number("wait_ns", self.wait_ns, above=0.0)

    @property
    def longest_ns(self) -> float:
        """Longest tone plus the wait before it."""
        return super().longest_ns + self.wait_ns

    def on_grid(self, limits: Limits, target: str) -> Self:
        """Return the request with durations and a wait that both lines can play."""
        gaps_ns = (limits.gap_on_grid(qid, self.wait_ns) for qid in (self.control, self.target))
        wait_ns = round_up(max(gaps_ns), limits.grid_ns(self.control, self.target))
        return replace(super().on_grid(limits, target), wait_ns=wait_ns)

    def _begin_program(self, at: Setup) -> Timeline:
        """Return a program builder in which both lines have waited."""
        line = at.timeline()
        for qid in (self.control, self.target):
            line.wait(qid, self.wait_ns)
        return line


@dataclass(frozen=True, eq=False)
class GateTrain(PairRequest):
    """Target's signal after a train of equal gates, iq shape (n,).

    The control is prepared in `control_state`. The start ``"superposition"`` is after the target's X90 in use, about
    the axis of the gate.
    """

    axis = ("gates", "")
    swept = "counts"
    whole = True

    counts: Floats
    gate: ZX90
    control_state: Literal[0, 1]
    start: Literal["ground", "superposition"] = "ground"

    def __post_init__(self) -> None:
        """Validate the fields."""
        super().__post_init__()
        require_choice("control_state", self.control_state, (0, 1))
        require_choice("start", self.start, ("ground", "superposition"))

    def largest_amplitudes(self, target: str) -> Mapping[str, float]:  # noqa: ARG002  of both qubits
        """Return the amplitudes of the gate's tone on both lines."""
        return self._list_amplitudes(self.gate.tone)

    def compiled(self, target: str, at: Setup) -> Compiled:  # noqa: ARG002  both qubits are named
        """Return the state preparation, then the gate train."""
        programs = []
        for count in self.counts.astype(int).tolist():
            line = prepare_states(at.timeline(), self.control, self.target, (self.control_state, 0))
            if self.start == "superposition":
                line.pulse(self.target, at.settings[self.target].x90)
            for _ in range(count):
                line.gate(self.control, self.target, self.gate)
            programs.append(line.read(self.control, self.target))
        return Compiled(tuple(programs), (self.target,))


@dataclass(frozen=True, eq=False)
class ConditionalRamsey(PairRequest):
    """Target's signal after X90, delay, X90 with the control idle in |0> or |1>, iq shape (n,).

    The delay is the gap between the two X90 pulses of the target. The signal oscillates at the magnitude of (target -
    drive frequency) + `detuning_mhz`, which may have either sign, shifted by the static ZZ while the control is in |1>.
    """

    axis = ("delay", "us")
    swept = "delays_us"

    delays_us: Floats
    control_state: Literal[0, 1]
    detuning_mhz: float

    def __post_init__(self) -> None:
        """Validate the fields."""
        super().__post_init__()
        require_choice("control_state", self.control_state, (0, 1))
        require_number("detuning_mhz", self.detuning_mhz)

    def on_grid(self, limits: Limits, target: str) -> Self:  # noqa: ARG002  both qubits are named
        """Return the request with delays that the target's line can play."""
        return replace(self, delays_us=round_gaps_us(limits, self.target, self.delays_us))

    def compiled(self, target: str, at: Setup) -> Compiled:  # noqa: ARG002  both qubits are named
        """Return the control's preparation, then X90, delay, X90 on the target; the phase follows the delay as played."""
        x90, frequency_ghz, programs = at.settings[self.target].x90, self._frequency_ghz, []
        for delay_us in self.delays_us.tolist():
            line = prepare_states(at.timeline(), self.control, self.target, (self.control_state, 0))
            line.pulse(self.target, x90, frequency_ghz=frequency_ghz)
            played_ns = line.wait(self.target, 1e3 * delay_us)
            turn_rad = 2e-3 * np.pi * self.detuning_mhz * played_ns
            line.pulse(self.target, x90, phase_rad=turn_rad, frequency_ghz=frequency_ghz)
            programs.append(line.read(self.control, self.target))
        return Compiled(tuple(programs), (self.target,))

    @property
    def _frequency_ghz(self) -> float | None:
        """Frequency of both X90 pulses, or None for the drive frequency in use."""
        return None


@dataclass(frozen=True, eq=False)
class DetunedConditionalRamsey(ConditionalRamsey):
    """`ConditionalRamsey` with both X90 pulses of the target at another frequency, iq shape (n,).

    Oscillates at the magnitude of (target - `frequency_ghz`) + `detuning_mhz`, as `DetunedRamsey` does. The frequency
    is within a few MHz of the target's.
    """

    frequency_ghz: float

    def __post_init__(self) -> None:
        """Validate the fields."""
        super().__post_init__()
        require_number("frequency_ghz", self.frequency_ghz, above=0.0)

    @property
    def _frequency_ghz(self) -> float:
        """Frequency of both X90 pulses."""
        return self.frequency_ghz


@dataclass(frozen=True, eq=False)
class JointShots(PairRequest):
    """Single shots of both qubits: `ShotRecord`, iq shape (shots, 2), the control first.

    Attributes
    ----------
    prepare
        Commanded basis state, control first, or ``"bell"``: ``(|00> + |11>) / sqrt(2)`` by one ZX90, X90 and virtual Z,
        for which <XX> = 1, <YY> = -1, <ZZ> = 1.
    bases
        Readout bases, control first: two of X, Y and Z, rotated by the X90 in use so that +1 is read as |0>.
    gate
        ZX90 for ``"bell"``, or None for the one in use.
    """

    single_shots = True

    prepare: Prepared
    bases: str = "ZZ"
    gate: ZX90 | None = None

    def __post_init__(self) -> None:
        """Validate the fields."""
        super().__post_init__()
        require_choice("prepare", self.prepare, _PREPARED)
        if self.bases not in _BASES:
            raise InvalidInputError(f"bases: {self.bases!r} must be two of X, Y and Z, such as 'ZX'")

    def shape(self, shots: int) -> tuple[int, ...]:
        """Return (shots, qubits)."""
        return shots, 2

    def largest_amplitudes(self, target: str) -> Mapping[str, float]:  # noqa: ARG002  of both qubits
        """Return the amplitudes of the gate's tone on both lines; empty for the gate in use."""
        return {} if self.gate is None else self._list_amplitudes(self.gate.tone)

    def compiled(self, target: str, at: Setup) -> Compiled:
        """Return the state preparation, and the basis rotations of both qubits."""
        line = at.timeline()
        if self.prepare == "bell":
            gate = at.gate(target, self.control, self.gate)
            line.pulse(self.control, at.settings[self.control].x90, phase_rad=np.pi / 2)
            line.gate(self.control, self.target, gate)
            line.pulse(self.target, at.settings[self.target].x90, phase_rad=np.pi)
            line.align(self.control, self.target)
            line.turn(self.control, -np.pi / 2)
        else:
            first, second = (int(digit) for digit in self.prepare)
            prepare_states(line, self.control, self.target, (first, second))
        for qid, component in zip((self.control, self.target), self.bases, strict=True):
            rotate_for_reading(line, qid, component)
        return Compiled((line.read(self.control, self.target),), (self.control, self.target))


@dataclass(frozen=True, eq=False)
class RandomPairSequences(PairRequest):
    """Signals of both qubits after random sequences of two-qubit Cliffords, one point per sequence.

    iq has shape (2, n): rows control, target; `Trace.ends` has shape (n, 2), control first. Sequences are independent.

    Attributes
    ----------
    lengths
        Cliffords of each sequence, without the recovery Clifford.
    interleaved
        Whether the gate follows each Clifford except the recovery Clifford.
    gate
        ZX90 that the Cliffords are made of, or None for the one in use.
    """

    axis = ("length", "Cliffords")
    has_ends = True
    swept = "lengths"
    whole = True

    lengths: Floats
    interleaved: bool = False
    gate: ZX90 | None = None

    def shape(self, shots: int) -> tuple[int, ...]:  # noqa: ARG002  a mean has the same shape for all
        """Return (qubits, sequences)."""
        return 2, self.lengths.size

    @property
    def ends_shape(self) -> tuple[int, ...]:
        """Shape of `Trace.ends`: one for each sequence and qubit."""
        return self.lengths.size, 2

    def largest_amplitudes(self, target: str) -> Mapping[str, float]:  # noqa: ARG002  of both qubits
        """Return the amplitudes of the gate's tone on both lines; empty for the gate in use."""
        return {} if self.gate is None else self._list_amplitudes(self.gate.tone)

    def shortened(self) -> Self:
        """Return one short sequence that contains every pulse of the others."""
        return replace(self, lengths=np.minimum(self.lengths.max(keepdims=True), LONG_ENOUGH))

    def compiled(self, target: str, at: Setup) -> Compiled:
        """Return the layers and gates of each sequence."""
        gate = at.gate(target, self.control, self.gate)
        lengths = self.lengths.astype(np.int64)
        drawn = PairSequences.random(lengths, interleaved=self.interleaved, rng=at.rng)
        programs = compile_sequences(drawn, at, self.control, self.target, gate)
        return Compiled(programs, (self.control, self.target), ends_in(self.lengths.size))


PAIR_REQUESTS: frozenset[type[Request]] = frozenset(
    {
        ReadoutReferences,
        CrossResonance,
        LaterCrossResonance,
        GateTrain,
        ConditionalRamsey,
        DetunedConditionalRamsey,
        JointShots,
        RandomPairSequences,
    }
)
"""All kinds of measurement on two coupled qubits."""
