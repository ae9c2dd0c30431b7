"""A session at the twin: it answers like a laboratory's library, and only like one.

Sweeps go in, points in the IQ plane come out, with shot noise and in the light of the settings in use. What the chip
really is stays hidden behind it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import InvalidInputError
from qdash_fake.instruments import Instruments, Populations
from qdash_fake.physics import sequences
from qdash_fake.physics.drive import SPECTROSCOPY_PULSE_US
from qdash_fake.physics.reset import USUAL_INTERVAL_US
from qdash_fake.physics.spectroscopy import line_shift, own_population
from qdash_fake.sampling import averaged, clouds, single_shots

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from qdash_fake.physics.chip import ChipTruth, Design
    from qdash_fake.physics.reset import ResetMode
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
    """

    def __init__(self, chip: ChipTruth, *, number: int, slow_s: float = 0.0) -> None:
        self.__chip = chip
        self.__number = number
        self.__instruments = Instruments(chip, number=number, slow_s=slow_s)
        self.design: Mapping[str, Design] = MappingProxyType({q: t.design for q, t in chip.qubits.items()})
        """What was meant to be fabricated, by qubit."""
        self.settings: Mapping[str, Settings] = self.__instruments.settings
        """Settings in use, by qubit; change them at will."""

    def __repr__(self) -> str:
        return f"TwinSession({self.__chip.device!r}, {len(self.settings)} qubits, number={self.__number})"

    @property
    def qids(self) -> tuple[str, ...]:
        """Ids of all qubits."""
        return tuple(self.settings)

    @property
    def lab_seconds(self) -> float:
        """Time that a laboratory would have needed for all measurements so far."""
        return self.__instruments.lab_seconds

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

        Broadened by power; a strong drive shows f02/2 too, and a neighbour's line through crosstalk.
        """
        found: dict[str, Trace] = {}
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
        self.__instruments.spend(
            {qid: np.full_like(t.x, SPECTROSCOPY_PULSE_US) for qid, t in found.items()}, shots
        )
        return found

    def rabi(
        self,
        durations_ns: Mapping[str, ArrayLike],
        *,
        shots: int,
        amplitudes: Mapping[str, float] | None = None,
        interval_us: float = USUAL_INTERVAL_US,
        reset: ResetMode = "passive",
    ) -> dict[str, Trace]:
        """Population against the length of one pulse; `amplitudes` None: the control amplitude in use."""
        programs: dict[str, tuple[Floats, Populations]] = {}
        for qid, sweep in self.__instruments.sweeps(durations_ns, shots).items():
            qubit, settings = self.__chip.qubits[qid], self.settings[qid]
            up = qubit.drive.rabi_population(
                sweep * 1e-3,
                amplitude=settings.control_amplitude if amplitudes is None else amplitudes[qid],
                detuning_mhz=self.__instruments.detuning_mhz(qid),
                coherence=qubit.coherence,
            )
            programs[qid] = (sweep, Populations(up, 1 - up, sweep * 1e-3))
        return self.__instruments.run(programs, shots=shots, interval_us=interval_us, reset=reset)

    def t1(
        self,
        delays_us: Mapping[str, ArrayLike],
        *,
        shots: int,
        interval_us: float = USUAL_INTERVAL_US,
        reset: ResetMode = "passive",
    ) -> dict[str, Trace]:
        """Population against the delay after an X180."""
        programs: dict[str, tuple[Floats, Populations]] = {}
        for qid, sweep in self.__instruments.sweeps(delays_us, shots).items():
            qubit = self.__chip.qubits[qid]
            up = self.__instruments.flipped(qid)
            kept, thermal = qubit.coherence.relaxation(sweep), qubit.thermal_population
            ground, excited = thermal + (up - thermal) * kept, thermal + (1 - up - thermal) * kept
            programs[qid] = (sweep, Populations(ground, excited, sweep))
        return self.__instruments.run(programs, shots=shots, interval_us=interval_us, reset=reset)

    def ramsey(
        self,
        delays_us: Mapping[str, ArrayLike],
        *,
        detuning_mhz: float | Mapping[str, float],
        shots: int,
        interval_us: float = USUAL_INTERVAL_US,
        reset: ResetMode = "passive",
    ) -> dict[str, Trace]:
        """Population after X90, delay, X90, the phase of the second one advancing at `detuning_mhz`.

        The signal oscillates at the magnitude of (qubit - drive frequency) + `detuning_mhz`. Coupled qubits in one call
        are in superposition together and shift each other by half their static ZZ.
        """
        programs: dict[str, tuple[Floats, Populations]] = {}
        for qid, sweep in self.__instruments.sweeps(delays_us, shots).items():
            inversion = sequences.ramsey_inversion(
                sweep,
                pulse=self.__instruments.pulse(qid, "hpi"),
                detuning_mhz=self.__instruments.detuning_mhz(qid),
                artificial_mhz=_of(detuning_mhz, qid),
                coherence=self.__chip.qubits[qid].coherence,
                splittings_mhz=self.__instruments.splittings_mhz(qid, delays_us),
            )
            programs[qid] = (sweep, Populations.from_inversion(inversion, sweep))
        return self.__instruments.run(programs, shots=shots, interval_us=interval_us, reset=reset)

    def t2_echo(
        self,
        delays_us: Mapping[str, ArrayLike],
        *,
        shots: int,
        interval_us: float = USUAL_INTERVAL_US,
        reset: ResetMode = "passive",
    ) -> dict[str, Trace]:
        """Population after X90, half the delay, X180, half the delay, X90."""
        programs: dict[str, tuple[Floats, Populations]] = {}
        for qid, sweep in self.__instruments.sweeps(delays_us, shots).items():
            inversion = sequences.echo_inversion(
                sweep,
                half_pulse=self.__instruments.pulse(qid, "hpi"),
                pi_pulse=self.__instruments.pulse(qid, "pi"),
                detuning_mhz=self.__instruments.detuning_mhz(qid),
                coherence=self.__chip.qubits[qid].coherence,
                splittings_mhz=self.__instruments.splittings_mhz(qid, delays_us),
            )
            programs[qid] = (sweep, Populations.from_inversion(inversion, sweep))
        return self.__instruments.run(programs, shots=shots, interval_us=interval_us, reset=reset)

    def readout_shots(
        self,
        qids: Sequence[str],
        *,
        prepare: int,
        shots: int,
        interval_us: float = USUAL_INTERVAL_US,
        reset: ResetMode = "passive",
    ) -> dict[str, NDArray[np.complex128]]:
        """Every single shot after commanding |0> (`prepare=0`) or |1> (`prepare=1`), complex, shape (shots,)."""
        if prepare not in (0, 1):
            raise InvalidInputError(f"prepare: {prepare!r} is neither 0 nor 1")
        found: dict[str, NDArray[np.complex128]] = {}
        lengths: dict[str, Floats] = {}
        for qid in self.__instruments.sweeps({qid: [0.0] for qid in qids}, shots):
            up = self.__instruments.flipped(qid) if prepare else 0.0
            ends = Populations(np.array([up]), np.array([1 - up]), np.zeros(1))
            excited = float(self.__instruments.excited(qid, ends, interval_us=interval_us, reset=reset)[0])
            found[qid] = single_shots(
                excited, self.__instruments.clouds(qid), shots=shots, rng=self.__instruments.rng(qid)
            )
            lengths[qid] = np.array([self.__instruments.reset_us(qid, interval_us, reset)])
        self.__instruments.spend(lengths, shots)
        return found


def _of(value: float | Mapping[str, float], qid: str) -> float:
    return value[qid] if isinstance(value, Mapping) else value
