"""Two-qubit measurements of a session at the twin: sweeps go in, the readout signals of both qubits come out.

Every measurement takes `directions`, coupling id to (control, target), and gives a mapping of coupling id to what was
measured. The couplings of one call share no qubit and are measured together. Both qubits play their pulses in use, start
from what a reset leaves of both, and are read out at the same time.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal, TypeVar, Unpack

import numpy as np

from qdash_core.errors import InvalidInputError
from qdash_fake import pair_programs
from qdash_fake.pair_instruments import given
from qdash_tasks.laboratory.shots import USUAL_INTERVAL_US, Repetition
from qdash_tasks.laboratory.sweeps import checked_sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import ArrayLike, NDArray

    from qdash_fake.pair_instruments import OpenPair, PairEnds, PairInstruments
    from qdash_tasks.laboratory.coupling_settings import CouplingSettings
    from qdash_tasks.laboratory.pulses import ZX90, CrossResonanceTone, Prepared
    from qdash_tasks.laboratory.shots import ShotArguments, Shots
    from qdash_tasks.laboratory.trace import Trace

    Floats = NDArray[np.float64]
    Directions = Mapping[str, tuple[str, str]]
    Start = Literal["ground", "superposition"]

_Read = TypeVar("_Read")
_BASES = frozenset(control + target for control in "XYZ" for target in "XYZ")


class PairSession:
    """Measurements on coupled qubits, at the settings in use of both. Safe for threads."""

    def __init__(self, instruments: PairInstruments) -> None:
        self.__instruments = instruments
        self.settings: Mapping[str, CouplingSettings] = self.__instruments.settings
        """Settings in use, by coupling."""

    def __repr__(self) -> str:
        return f"PairSession({len(self.settings)} couplings)"

    def cross_resonance(
        self,
        durations_ns: Mapping[str, ArrayLike],
        *,
        directions: Directions,
        tones: Mapping[str, CrossResonanceTone],
        **how: Unpack[ShotArguments],
    ) -> dict[str, Trace]:
        """Target's readout after a tone, against its whole length (edges included): a map of shape (6, n).

        Rows: X, Y, Z of the target, the control in |0> (nothing is played), then in |1> (its X180 in use). A component is
        turned by the target's X90 in use so that its +1 is read as |0>.
        """
        sweeps = _checked(durations_ns)

        def program(opened: OpenPair, _: np.random.Generator) -> PairEnds:
            name = opened.coupling_id
            return pair_programs.cross_resonance(opened, sweeps[name], tone=given(tones, name, "tones"))

        found = self.__play(sweeps, directions, program, **how)
        return {name: target.as_map(sweeps[name]) for name, (_, target) in found.items()}

    def gate_train(
        self,
        counts: Mapping[str, ArrayLike],
        *,
        directions: Directions,
        gates: Mapping[str, ZX90] | None = None,
        control_state: int,
        start: Start = "ground",
        **how: Unpack[ShotArguments],
    ) -> dict[str, Trace]:
        """Target's readout after so many equal gates, the control prepared in |0> or |1>.

        `start` superposition: after the target's X90 in use, about the axis of the gate. `gates` None: those in use.
        """
        _check_state(control_state)
        if start not in ("ground", "superposition"):
            raise InvalidInputError(f"start: {start!r} is neither 'ground' nor 'superposition'")
        sweeps = {name: _whole(name, sweep) for name, sweep in _checked(counts).items()}

        def program(opened: OpenPair, _: np.random.Generator) -> PairEnds:
            gate = self.__gate(opened, gates)
            sweep = sweeps[opened.coupling_id]
            return pair_programs.gate_train(
                opened, sweep, gate=gate, control_state=control_state, start=start
            )

        found = self.__play(sweeps, directions, program, **how)
        return {name: target for name, (_, target) in found.items()}

    def readout_points(
        self, directions: Directions, **how: Unpack[ShotArguments]
    ) -> dict[str, tuple[Trace, Trace]]:
        """Readout of control and target after commanding 0 of both, and 1 of both: x = [0, 1]."""
        return self.__play(directions, directions, pair_programs.readout_points, **how)

    def conditional_ramsey(
        self,
        delays_us: Mapping[str, ArrayLike],
        *,
        directions: Directions,
        control_state: int,
        detuning_mhz: float | Mapping[str, float],
        **how: Unpack[ShotArguments],
    ) -> dict[str, Trace]:
        """Target's readout after X90, delay, X90, the phase of the second one advancing at `detuning_mhz`.

        The control is prepared in |0> or |1> and left alone. The signal oscillates at the magnitude of (target - drive
        frequency) + `detuning_mhz`, with the control in |1> the static ZZ on top, as long as it stays there.
        """
        _check_state(control_state)
        sweeps = _checked(delays_us)

        def program(opened: OpenPair, _: np.random.Generator) -> PairEnds:
            name = opened.coupling_id
            artificial = (
                detuning_mhz
                if isinstance(detuning_mhz, (int, float))
                else given(detuning_mhz, name, "detuning_mhz")
            )
            return pair_programs.conditional_ramsey(
                opened, sweeps[name], control_state=control_state, artificial_mhz=artificial
            )

        found = self.__play(sweeps, directions, program, **how)
        return {name: target for name, (_, target) in found.items()}

    def joint_shots(
        self,
        directions: Directions,
        *,
        prepare: Prepared,
        bases: str = "ZZ",
        gates: Mapping[str, ZX90] | None = None,
        **how: Unpack[ShotArguments],
    ) -> dict[str, NDArray[np.complex128]]:
        """Every single shot of both qubits, control first: complex, shape (shots, 2).

        Parameters
        ----------
        prepare
            Commanded basis state, control first, or ``"bell"``: ``(|00> + |11>) / sqrt(2)`` by one ZX90, X90 and virtual
            Z, for which <XX> = 1, <YY> = -1, <ZZ> = 1.
        bases
            What is read of each, control first: two of X, Y and Z, turned by the X90 in use so that +1 is read as |0>.
        gates
            The ZX90 for ``"bell"``; None: those in use.
        """
        if prepare not in ("00", "01", "10", "11", "bell"):
            raise InvalidInputError(f"prepare: {prepare!r} is not one of 00, 01, 10, 11, bell")
        if bases not in _BASES:
            raise InvalidInputError(f"bases: {bases!r} are not two of X, Y and Z, as in 'ZX'")

        def program(opened: OpenPair, _: np.random.Generator) -> PairEnds:
            gate = self.__gate(opened, gates) if prepare == "bell" else None
            return pair_programs.prepared(opened, prepare, bases=bases, gate=gate)

        return self.__measured(directions, directions, program, self.__instruments.every_shot, **how)

    def randomized_benchmarking(
        self,
        lengths: Mapping[str, ArrayLike],
        *,
        directions: Directions,
        interleaved: bool = False,
        gates: Mapping[str, ZX90] | None = None,
        **how: Unpack[ShotArguments],
    ) -> dict[str, tuple[Trace, Trace]]:
        """Readout of control and target after random sequences of two-qubit Cliffords, one point a sequence.

        Parameters
        ----------
        lengths
            Cliffords of each sequence, without the one that closes it; as many entries as sequences. The sequences are
            independent; which of them are closed to end in |1> tells `two_qubit_cliffords.ends_in`.
        interleaved
            Whether the ZX90 follows each Clifford but the closing one.
        gates
            The ZX90; None: those in use.
        """
        sweeps = {name: _whole(name, sweep) for name, sweep in _checked(lengths).items()}

        def program(opened: OpenPair, rng: np.random.Generator) -> PairEnds:
            gate = self.__gate(opened, gates)
            return pair_programs.benchmarking(
                opened, sweeps[opened.coupling_id], gate=gate, interleaved=interleaved, rng=rng
            )

        return self.__play(sweeps, directions, program, **how)

    def __gate(self, opened: OpenPair, gates: Mapping[str, ZX90] | None) -> ZX90:
        return (
            self.__instruments.gate_in_use(opened)
            if gates is None
            else given(gates, opened.coupling_id, "gates")
        )

    def __play(
        self,
        names: Iterable[str],
        directions: Directions,
        program: Callable[[OpenPair, np.random.Generator], PairEnds],
        **how: Unpack[ShotArguments],
    ) -> dict[str, tuple[Trace, Trace]]:
        """Measure what `program` makes of each coupling, all together."""
        return self.__measured(names, directions, program, self.__instruments.average, **how)

    def __measured(
        self,
        names: Iterable[str],
        directions: Directions,
        program: Callable[[OpenPair, np.random.Generator], PairEnds],
        read: Callable[[OpenPair, Callable[[np.random.Generator], PairEnds], Shots], tuple[_Read, Floats]],
        **how: Unpack[ShotArguments],
    ) -> dict[str, _Read]:
        shots = shots_of(**how)
        found: dict[str, _Read] = {}
        lengths: dict[str, Floats] = {}
        for opened in self.__instruments.opened(names, directions, how["shots"]):
            name = opened.coupling_id
            found[name], lengths[name] = read(opened, partial(program, opened), shots)
        self.__instruments.spend(lengths, shots.count)
        return found


def shots_of(**how: Unpack[ShotArguments]) -> Shots:
    """Return the arguments of a measurement as one value."""
    return Repetition(how.get("reset", "passive"), how.get("interval_us", USUAL_INTERVAL_US)).of(how["shots"])


def _whole(name: str, counts: Floats) -> Floats:
    if (counts != np.round(counts)).any():
        raise InvalidInputError(f"sweep of {name}: gates come in whole numbers")
    return counts


def _checked(given_sweeps: Mapping[str, ArrayLike]) -> dict[str, Floats]:
    return {name: checked_sweep(name, sweep) for name, sweep in given_sweeps.items()}


def _check_state(state: int) -> None:
    if isinstance(state, bool) or state not in (0, 1):
        raise InvalidInputError(f"control_state: {state!r} is neither 0 nor 1")
