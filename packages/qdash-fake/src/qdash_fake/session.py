"""A session at the twin: it answers like a laboratory's library, and only like one.

Sweeps go in, points in the IQ plane come out, with shot noise and in the light of the settings in use. What the chip
really is stays hidden behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeVar, Unpack

import numpy as np

from qdash_fake import programs, readings
from qdash_fake.pairs import PairSession, shots_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from qdash_core.backends.laboratory import LaboratoryTime
    from qdash_fake.design import Design
    from qdash_fake.instruments import Instruments, Populations
    from qdash_fake.laboratory import TwinLaboratory
    from qdash_tasks.laboratory.cliffords import Interleaved
    from qdash_tasks.laboratory.pulses import Pulse
    from qdash_tasks.laboratory.settings import Settings
    from qdash_tasks.laboratory.shots import ShotArguments
    from qdash_tasks.laboratory.trace import Trace

    Floats = NDArray[np.float64]

_Read = TypeVar("_Read")


class TwinSession:
    """One connection to a twin. Safe for threads.

    Every measurement takes a mapping of qubit id to sweep and gives a mapping of qubit id to `Trace`; the targets of
    one call are measured together. `reset="passive"` waits `interval_us` after each shot, and the next shot starts from
    what the last one left; `reset="active"` measures and flips back.

    Parameters
    ----------
    port
        The laboratory whose instruments it uses.
    """

    def __init__(self, port: TwinLaboratory) -> None:
        self.port = port
        """The same instruments, as a laboratory."""
        self.__lab: Instruments = vars(self.port)["_TwinLaboratory__lab"]
        self.design: Mapping[str, Design] = port.design
        """What was meant to be fabricated, by qubit."""
        self.settings: Mapping[str, Settings] = self.port.settings
        """Settings in use, by qubit; `adjust` changes them."""
        self.pairs = PairSession(vars(self.port)["_TwinLaboratory__pairs"])
        """Measurements on coupled qubits."""

    def __repr__(self) -> str:
        return f"TwinSession({self.port!r})"

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
        return self.__lab.clock

    def adjust(self, target: str, values: Mapping[str, float | None]) -> None:
        """Change settings in use of a qubit or coupling."""
        self.port.adjust(target, values)

    def close(self) -> None:
        """Write down what the laboratory's clock shows."""
        self.__lab.clock.close()

    def resonator_spectroscopy(
        self,
        frequencies_ghz: Mapping[str, ArrayLike],
        *,
        shots: int,
        amplitude: float | Mapping[str, float] | None = None,
    ) -> dict[str, Trace]:
        """Transmission against readout frequency, the qubit undriven; `amplitude` None: the readout's in use."""

        def reading(qid: str, sweep: Floats) -> tuple[Trace, Floats]:
            return readings.undriven(self.__lab, qid, sweep, amplitude=_given(amplitude, qid), shots=shots)

        return self.__read(frequencies_ghz, reading, shots=shots)

    def qubit_spectroscopy(
        self, frequencies_ghz: Mapping[str, ArrayLike], *, shots: int, amplitude: float | Mapping[str, float]
    ) -> dict[str, Trace]:
        """Readout signal after a long pulse, against its frequency: saturation spectroscopy.

        Broadened by power; a strong drive shows f02/2 too, and a neighbour's line through crosstalk. Shots start from an
        active reset.
        """

        def reading(qid: str, sweep: Floats) -> tuple[Trace, Floats]:
            return readings.saturated(self.__lab, qid, sweep, amplitude=_of(amplitude, qid), shots=shots)

        return self.__read(frequencies_ghz, reading, shots=shots)

    def readout_spectroscopy(
        self,
        frequencies_ghz: Mapping[str, ArrayLike],
        *,
        prepare: int,
        amplitude: float | Mapping[str, float] | None = None,
        **how: Unpack[ShotArguments],
    ) -> dict[str, Trace]:
        """Transmission against readout frequency after commanding |0> (`prepare=0`) or |1> (`prepare=1`).

        `amplitude` None: the readout's in use.
        """

        def reading(qid: str, sweep: Floats) -> tuple[Trace, Floats]:
            probe = _given(amplitude, qid)
            return readings.commanded(
                self.__lab, qid, sweep, state=prepare, amplitude=probe, shots=shots_of(**how)
            )

        return self.__read(frequencies_ghz, reading, shots=how["shots"])

    def readout_shots(
        self,
        qids: Sequence[str],
        *,
        prepare: int,
        amplitudes: Mapping[str, float] | None = None,
        **how: Unpack[ShotArguments],
    ) -> dict[str, NDArray[np.complex128]]:
        """Every single shot after commanding |0> (`prepare=0`) or |1> (`prepare=1`), complex, shape (shots,).

        `amplitudes` None: the readout amplitudes in use.
        """

        def reading(qid: str, _: Floats) -> tuple[NDArray[np.complex128], Floats]:
            probe = _given(amplitudes, qid)
            return readings.commanded_shots(
                self.__lab, qid, state=prepare, amplitude=probe, shots=shots_of(**how)
            )

        return self.__read({qid: [0.0] for qid in qids}, reading, shots=how["shots"])

    def rabi(
        self,
        durations_ns: Mapping[str, ArrayLike],
        *,
        amplitudes: Mapping[str, float] | None = None,
        **how: Unpack[ShotArguments],
    ) -> dict[str, Trace]:
        """Population against the length of one pulse; `amplitudes` None: the control amplitude in use."""

        def program(qid: str, sweep: Floats) -> Populations:
            return programs.rabi(self.__lab, qid, sweep, amplitude=_given(amplitudes, qid))

        return self.__play(durations_ns, program, **how)

    def rabi_amplitude(
        self,
        amplitudes: Mapping[str, ArrayLike],
        *,
        durations_ns: Mapping[str, float],
        **how: Unpack[ShotArguments],
    ) -> dict[str, Trace]:
        """Population against the amplitude of one pulse of a fixed length."""

        def program(qid: str, sweep: Floats) -> Populations:
            return programs.rabi_amplitude(self.__lab, qid, sweep, duration_ns=durations_ns[qid])

        return self.__play(amplitudes, program, **how)

    def chevron(
        self,
        durations_ns: Mapping[str, ArrayLike],
        *,
        frequencies_ghz: Mapping[str, ArrayLike],
        amplitudes: Mapping[str, float] | None = None,
        **how: Unpack[ShotArguments],
    ) -> dict[str, Trace]:
        """Population against the length of one pulse (n) and its frequency (m): a map of shape (m, n) for each qubit."""
        driven = self.__lab.sweeps(frequencies_ghz, how["shots"])
        lengths = self.__lab.sweeps(durations_ns, how["shots"])

        def program(qid: str, every: Floats) -> Populations:
            return programs.chevron(
                self.__lab,
                qid,
                every,
                durations_ns=lengths[qid],
                frequencies_ghz=driven[qid],
                amplitude=_given(amplitudes, qid),
            )

        every = {qid: np.tile(sweep, driven[qid].size) for qid, sweep in lengths.items()}
        return {qid: trace.as_map(lengths[qid]) for qid, trace in self.__play(every, program, **how).items()}

    def t1(self, delays_us: Mapping[str, ArrayLike], **how: Unpack[ShotArguments]) -> dict[str, Trace]:
        """Population against the delay after an X180."""
        return self.__play(delays_us, partial(programs.t1, self.__lab), **how)

    def ramsey(
        self,
        delays_us: Mapping[str, ArrayLike],
        *,
        detuning_mhz: float | Mapping[str, float],
        **how: Unpack[ShotArguments],
    ) -> dict[str, Trace]:
        """Population after X90, delay, X90, the phase of the second one advancing at `detuning_mhz`.

        The signal oscillates at the magnitude of (qubit - drive frequency) + `detuning_mhz`. Coupled qubits in one call
        are in superposition together and shift each other by half their static ZZ.
        """

        def program(qid: str, sweep: Floats) -> Populations:
            return programs.ramsey(
                self.__lab,
                qid,
                sweep,
                artificial_mhz=_of(detuning_mhz, qid),
                splittings_mhz=self.__lab.splittings_mhz(qid, delays_us),
            )

        return self.__play(delays_us, program, **how)

    def t2_echo(self, delays_us: Mapping[str, ArrayLike], **how: Unpack[ShotArguments]) -> dict[str, Trace]:
        """Population after X90, half the delay, X180, half the delay, X90."""

        def program(qid: str, sweep: Floats) -> Populations:
            splittings = self.__lab.splittings_mhz(qid, delays_us)
            return programs.t2_echo(self.__lab, qid, sweep, splittings_mhz=splittings)

        return self.__play(delays_us, program, **how)

    def pulse_train(
        self,
        counts: Mapping[str, ArrayLike],
        *,
        pulses: Mapping[str, Pulse],
        start: Literal["ground", "superposition"] = "ground",
        **how: Unpack[ShotArguments],
    ) -> dict[str, Trace]:
        """Population after so many equal pulses; `start` superposition: after the X90 in use, about the same axis."""

        def program(qid: str, sweep: Floats) -> Populations:
            return programs.pulse_train(self.__lab, qid, sweep, pulse=pulses[qid], start=start)

        return self.__play(counts, program, **how)

    def drag(
        self,
        betas_ns: Mapping[str, ArrayLike],
        *,
        pulses: Mapping[str, Pulse],
        repetitions: Mapping[str, int],
        **how: Unpack[ShotArguments],
    ) -> dict[str, Trace]:
        """Population after `repetitions` times a pulse and its opposite, against their DRAG coefficient."""

        def program(qid: str, sweep: Floats) -> Populations:
            return programs.drag(self.__lab, qid, sweep, pulse=pulses[qid], repetitions=repetitions[qid])

        return self.__play(betas_ns, program, signed=True, **how)

    def randomized_benchmarking(
        self,
        lengths: Mapping[str, ArrayLike],
        *,
        interleaved: Interleaved | None = None,
        beside: Collection[str] = (),
        **how: Unpack[ShotArguments],
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
        sweeps = self.__lab.sweeps(lengths, how["shots"])
        ends = programs.benchmarking(self.__lab, sweeps, interleaved=interleaved, together={*sweeps, *beside})
        return self.__lab.run({qid: (sweeps[qid], ends[qid]) for qid in sweeps}, **how)

    def __read(
        self,
        given: Mapping[str, ArrayLike],
        reading: Callable[[str, Floats], tuple[_Read, Floats]],
        *,
        shots: int,
    ) -> dict[str, _Read]:
        """Read what `reading` makes of each qubit's sweep, all together."""
        found = {qid: reading(qid, sweep) for qid, sweep in self.__lab.sweeps(given, shots).items()}
        self.__lab.spend({qid: length_us for qid, (_, length_us) in found.items()}, shots)
        return {qid: read for qid, (read, _) in found.items()}

    def __play(
        self,
        given: Mapping[str, ArrayLike],
        program: Callable[[str, Floats], Populations],
        *,
        signed: bool = False,
        **how: Unpack[ShotArguments],
    ) -> dict[str, Trace]:
        """Measure what `program` makes of each qubit's sweep, all together."""
        sweeps = self.__lab.sweeps(given, how["shots"], signed=signed)
        played = {qid: (sweep, program(qid, sweep)) for qid, sweep in sweeps.items()}
        return self.__lab.run(played, **how)


def _given(value: float | Mapping[str, float] | None, qid: str) -> float | None:
    return None if value is None else _of(value, qid)


def _of(value: float | Mapping[str, float], qid: str) -> float:
    return value[qid] if isinstance(value, Mapping) else value
