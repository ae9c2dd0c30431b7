"""A session at the twin: it answers like a laboratory's library, and only like one.

Sweeps go in, points in the IQ plane come out, with shot noise and in the light of the settings in use. What the chip
really is stays hidden behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, Unpack

import numpy as np

from qdash_core.errors import InvalidInputError
from qdash_fake import programs
from qdash_fake.clock import TwinTime
from qdash_fake.instruments import Instruments, Populations
from qdash_fake.pairs import PairSession
from qdash_fake.physics.spectroscopy import SPECTROSCOPY_PULSE_US, line_shift, own_population
from qdash_fake.repetition import USUAL_INTERVAL_US, Shots
from qdash_fake.sampling import averaged, clouds, single_shots

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from qdash_core.backends.laboratory import LaboratoryTime
    from qdash_fake.cliffords import Interleaved
    from qdash_fake.physics.chip import ChipTruth, Design
    from qdash_fake.pulses import Pulse
    from qdash_fake.repetition import ResetMode
    from qdash_fake.settings import Settings
    from qdash_fake.trace import Trace

    Floats = NDArray[np.float64]

_RESONATOR_RING_DOWN_US = 5.0


class TwinSession:
    """One connection to a twin. Safe for threads.

    Every measurement takes a mapping of qubit id to sweep and gives a mapping of qubit id to `Trace`; the targets of
    one call are measured together. `reset="passive"` waits `interval_us` after each shot, and the next shot starts from
    what the last one left; `reset="active"` measures and flips back.

    Parameters
    ----------
    chip
        The hidden truth; no attribute with less than two underscores leads there.
    number
        Which session of the twin this is; another number gives other noise.
    slow_s
        Wall time that every measurement takes.
    clock
        The laboratory's time, which every measurement advances on its targets; None: it begins now.
    """

    def __init__(
        self, chip: ChipTruth, *, number: int, slow_s: float = 0.0, clock: TwinTime | None = None
    ) -> None:
        self.__chip = chip
        self.__number = number
        self.__instruments = Instruments(chip, number=number, slow_s=slow_s, clock=clock or TwinTime())
        self.design: Mapping[str, Design] = MappingProxyType({q: t.design for q, t in chip.qubits.items()})
        """What was meant to be fabricated, by qubit."""
        self.settings: Mapping[str, Settings] = self.__instruments.settings
        """Settings in use, by qubit; change them at will."""
        self.pairs = PairSession(self.__instruments, chip.couplings)
        """Measurements on coupled qubits."""

    def __repr__(self) -> str:
        return f"TwinSession({self.__chip.device!r}, {len(self.settings)} qubits, number={self.__number})"

    @property
    def qids(self) -> tuple[str, ...]:
        """Ids of all qubits."""
        return tuple(self.settings)

    @property
    def lab_seconds(self) -> float:
        """Time until a laboratory would have been through with all measurements so far, each qubit on its own."""
        return self.laboratory.passed_s

    @property
    def laboratory(self) -> LaboratoryTime:
        """The clock of every target: seconds since the twin was made."""
        return self.__instruments.clock

    def close(self) -> None:
        """Write down what the laboratory's clock shows."""
        self.__instruments.clock.close()

    def resonator_spectroscopy(
        self,
        frequencies_ghz: Mapping[str, ArrayLike],
        *,
        shots: int,
        amplitude: float | Mapping[str, float] | None = None,
    ) -> dict[str, Trace]:
        """Transmission against readout frequency, the qubit undriven; `amplitude` None: the readout's in use."""
        found: dict[str, Trace] = {}
        for qid, sweep in self.__instruments.sweeps(frequencies_ghz, shots).items():
            qubit = self.__chip.qubits[qid]
            probe = self.settings[qid].readout_amplitude if amplitude is None else _of(amplitude, qid)
            where = clouds(qubit, frequency_ghz=sweep, amplitude=probe)
            excited = np.full_like(sweep, qubit.thermal_population)
            found[qid] = averaged(sweep, excited, where, shots=shots, rng=self.__instruments.rng(qid))
        self.__instruments.spend(
            {qid: np.full_like(t.x, _RESONATOR_RING_DOWN_US) for qid, t in found.items()}, shots
        )
        return found

    def qubit_spectroscopy(
        self, frequencies_ghz: Mapping[str, ArrayLike], *, shots: int, amplitude: float | Mapping[str, float]
    ) -> dict[str, Trace]:
        """Readout signal after a long pulse, against its frequency: saturation spectroscopy.

        Broadened by power; a strong drive shows f02/2 too, and a neighbour's line through crosstalk. Shots start from an
        active reset.
        """
        found: dict[str, Trace] = {}
        lengths: dict[str, Floats] = {}
        for qid, sweep in self.__instruments.sweeps(frequencies_ghz, shots).items():
            qubit, strength = self.__chip.qubits[qid], _of(amplitude, qid)
            excited = own_population(qubit, sweep, amplitude=strength)
            shift = line_shift(self.__chip, qubit, sweep, amplitude=strength)
            found[qid] = averaged(
                sweep,
                excited,
                self.__instruments.clouds(qid),
                shots=shots,
                rng=self.__instruments.rng(qid),
                shift=shift,
            )
            reset_us = self.__instruments.reset_us(qid, USUAL_INTERVAL_US, "active")
            lengths[qid] = np.full_like(sweep, SPECTROSCOPY_PULSE_US + reset_us)
        self.__instruments.spend(lengths, shots)
        return found

    def rabi(
        self,
        durations_ns: Mapping[str, ArrayLike],
        *,
        amplitudes: Mapping[str, float] | None = None,
        **how: Unpack[Shots],
    ) -> dict[str, Trace]:
        """Population against the length of one pulse; `amplitudes` None: the control amplitude in use."""

        def program(qid: str, sweep: Floats) -> Populations:
            return programs.rabi(self.__instruments, qid, sweep, amplitude=_for(qid, amplitudes))

        return self.__play(durations_ns, program, **how)

    def rabi_amplitude(
        self,
        amplitudes: Mapping[str, ArrayLike],
        *,
        durations_ns: Mapping[str, float],
        **how: Unpack[Shots],
    ) -> dict[str, Trace]:
        """Population against the amplitude of one pulse of a fixed length."""

        def program(qid: str, sweep: Floats) -> Populations:
            return programs.rabi_amplitude(self.__instruments, qid, sweep, duration_ns=durations_ns[qid])

        return self.__play(amplitudes, program, **how)

    def chevron(
        self,
        durations_ns: Mapping[str, ArrayLike],
        *,
        frequencies_ghz: Mapping[str, ArrayLike],
        amplitudes: Mapping[str, float] | None = None,
        **how: Unpack[Shots],
    ) -> dict[str, Trace]:
        """Population against the length of one pulse (n) and its frequency (m): a map of shape (m, n) for each qubit."""
        driven = self.__instruments.sweeps(frequencies_ghz, how["shots"])
        lengths = self.__instruments.sweeps(durations_ns, how["shots"])

        def program(qid: str, every: Floats) -> Populations:
            return programs.chevron(
                self.__instruments,
                qid,
                every,
                durations_ns=lengths[qid],
                frequencies_ghz=driven[qid],
                amplitude=_for(qid, amplitudes),
            )

        every = {qid: np.tile(sweep, driven[qid].size) for qid, sweep in lengths.items()}
        return {qid: trace.as_map(lengths[qid]) for qid, trace in self.__play(every, program, **how).items()}

    def t1(self, delays_us: Mapping[str, ArrayLike], **how: Unpack[Shots]) -> dict[str, Trace]:
        """Population against the delay after an X180."""
        return self.__play(delays_us, partial(programs.t1, self.__instruments), **how)

    def ramsey(
        self,
        delays_us: Mapping[str, ArrayLike],
        *,
        detuning_mhz: float | Mapping[str, float],
        **how: Unpack[Shots],
    ) -> dict[str, Trace]:
        """Population after X90, delay, X90, the phase of the second one advancing at `detuning_mhz`.

        The signal oscillates at the magnitude of (qubit - drive frequency) + `detuning_mhz`. Coupled qubits in one call
        are in superposition together and shift each other by half their static ZZ.
        """

        def program(qid: str, sweep: Floats) -> Populations:
            return programs.ramsey(
                self.__instruments,
                qid,
                sweep,
                artificial_mhz=_of(detuning_mhz, qid),
                splittings_mhz=self.__instruments.splittings_mhz(qid, delays_us),
            )

        return self.__play(delays_us, program, **how)

    def t2_echo(self, delays_us: Mapping[str, ArrayLike], **how: Unpack[Shots]) -> dict[str, Trace]:
        """Population after X90, half the delay, X180, half the delay, X90."""

        def program(qid: str, sweep: Floats) -> Populations:
            splittings = self.__instruments.splittings_mhz(qid, delays_us)
            return programs.t2_echo(self.__instruments, qid, sweep, splittings_mhz=splittings)

        return self.__play(delays_us, program, **how)

    def pulse_train(
        self,
        counts: Mapping[str, ArrayLike],
        *,
        pulses: Mapping[str, Pulse],
        start: Literal["ground", "superposition"] = "ground",
        **how: Unpack[Shots],
    ) -> dict[str, Trace]:
        """Population after so many equal pulses; `start` superposition: after the X90 in use, about the same axis."""

        def program(qid: str, sweep: Floats) -> Populations:
            return programs.pulse_train(self.__instruments, qid, sweep, pulse=pulses[qid], start=start)

        return self.__play(counts, program, **how)

    def drag(
        self,
        betas_ns: Mapping[str, ArrayLike],
        *,
        pulses: Mapping[str, Pulse],
        repetitions: Mapping[str, int],
        **how: Unpack[Shots],
    ) -> dict[str, Trace]:
        """Population after `repetitions` times a pulse and its opposite, against their DRAG coefficient."""

        def program(qid: str, sweep: Floats) -> Populations:
            return programs.drag(
                self.__instruments, qid, sweep, pulse=pulses[qid], repetitions=repetitions[qid]
            )

        return self.__play(betas_ns, program, signed=True, **how)

    def randomized_benchmarking(
        self,
        lengths: Mapping[str, ArrayLike],
        *,
        interleaved: Interleaved | None = None,
        beside: Collection[str] = (),
        **how: Unpack[Shots],
    ) -> dict[str, Trace]:
        """Population after random sequences of Cliffords, one point a sequence.

        Parameters
        ----------
        lengths
            Cliffords of each sequence, without the one that closes it; as many entries as sequences. The sequences are
            independent, and every second one is closed to end in |1> (`cliffords.ends_in_one`).
        interleaved
            The pulse in use that follows each Clifford but the closing one.
        beside
            Further qubits that play such sequences meanwhile, without being read.
        """
        sweeps = self.__instruments.sweeps(lengths, how["shots"])
        ends = programs.benchmarking(self.__instruments, sweeps, interleaved=interleaved, beside=beside)
        return self.__instruments.run({qid: (sweeps[qid], ends[qid]) for qid in sweeps}, **how)

    def readout_spectroscopy(
        self,
        frequencies_ghz: Mapping[str, ArrayLike],
        *,
        prepare: int,
        shots: int,
        interval_us: float = USUAL_INTERVAL_US,
        reset: ResetMode = "passive",
        amplitude: float | Mapping[str, float] | None = None,
    ) -> dict[str, Trace]:
        """Transmission against readout frequency after commanding |0> (`prepare=0`) or |1> (`prepare=1`).

        `amplitude` None: the readout's in use.
        """
        found: dict[str, Trace] = {}
        lengths: dict[str, Floats] = {}
        for qid, sweep in self.__instruments.sweeps(frequencies_ghz, shots).items():
            excited = self.__commanded(qid, prepare, interval_us=interval_us, reset=reset)
            probe = None if amplitude is None else _of(amplitude, qid)
            where = self.__instruments.clouds(qid, frequency_ghz=sweep, amplitude=probe)
            rng = self.__instruments.rng(qid)
            found[qid] = averaged(sweep, np.full_like(sweep, excited), where, shots=shots, rng=rng)
            lengths[qid] = np.full_like(sweep, self.__instruments.reset_us(qid, interval_us, reset))
        self.__instruments.spend(lengths, shots)
        return found

    def readout_shots(
        self,
        qids: Sequence[str],
        *,
        prepare: int,
        shots: int,
        interval_us: float = USUAL_INTERVAL_US,
        reset: ResetMode = "passive",
        amplitudes: Mapping[str, float] | None = None,
    ) -> dict[str, NDArray[np.complex128]]:
        """Every single shot after commanding |0> (`prepare=0`) or |1> (`prepare=1`), complex, shape (shots,).

        `amplitudes` None: the readout amplitudes in use.
        """
        found: dict[str, NDArray[np.complex128]] = {}
        lengths: dict[str, Floats] = {}
        for qid in self.__instruments.sweeps({qid: [0.0] for qid in qids}, shots):
            excited = self.__commanded(qid, prepare, interval_us=interval_us, reset=reset)
            where = self.__instruments.clouds(qid, amplitude=None if amplitudes is None else amplitudes[qid])
            found[qid] = single_shots(excited, where, shots=shots, rng=self.__instruments.rng(qid))
            lengths[qid] = np.array([self.__instruments.reset_us(qid, interval_us, reset)])
        self.__instruments.spend(lengths, shots)
        return found

    def __play(
        self,
        given: Mapping[str, ArrayLike],
        program: Callable[[str, Floats], Populations],
        *,
        signed: bool = False,
        **how: Unpack[Shots],
    ) -> dict[str, Trace]:
        """Measure what `program` makes of each qubit's sweep, all together."""
        sweeps = self.__instruments.sweeps(given, how["shots"], signed=signed)
        played = {qid: (sweep, program(qid, sweep)) for qid, sweep in sweeps.items()}
        return self.__instruments.run(played, **how)

    def __commanded(self, qid: str, state: int, *, interval_us: float, reset: ResetMode) -> float:
        """Excited population just before readout after commanding `state`."""
        if state not in (0, 1):
            raise InvalidInputError(f"prepare: {state!r} is neither 0 nor 1")
        ends = self.__instruments.commanded(qid, state)
        return float(self.__instruments.excited(qid, ends, interval_us=interval_us, reset=reset)[0])


def _for(qid: str, values: Mapping[str, float] | None) -> float | None:
    return None if values is None else values[qid]


def _of(value: float | Mapping[str, float], qid: str) -> float:
    return value[qid] if isinstance(value, Mapping) else value
