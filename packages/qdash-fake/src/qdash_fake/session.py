"""A session at the twin: it answers like a laboratory's library, and only like one.

Sweeps go in, points in the IQ plane come out, with shot noise and in the light of the settings in use. What the chip
really is stays hidden behind it.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_fake.physics import sequences
from qdash_fake.physics.drive import SPECTROSCOPY_PULSE_US
from qdash_fake.physics.reset import passive_start
from qdash_fake.physics.spectroscopy import line_shift, own_population
from qdash_fake.physics.streams import stream
from qdash_fake.sampling import averaged, clouds, single_shots
from qdash_fake.settings import Settings

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from qdash_fake.physics.chip import ChipTruth, Design
    from qdash_fake.physics.reset import ResetMode
    from qdash_fake.sampling import Clouds
    from qdash_fake.trace import Trace

    Floats = NDArray[np.float64]

USUAL_INTERVAL_US = 153.6
_SET_UP_S = 0.1
_RESONATOR_RING_DOWN_US = 5.0


class _Populations(NamedTuple):
    """Excited population at the end of a sequence that starts in |0> and in |1>, and the sequence's length in us."""

    from_ground: Floats
    from_excited: Floats
    length_us: Floats


class TwinSession:
    """One connection to a twin. Safe for threads.

    Every measurement takes a mapping of qubit id to sweep and gives a mapping of qubit id to `Trace`; the targets of
    one call are measured together. `reset="passive"` waits `interval_us` after each shot, and the next shot starts from
    what the last one left; `reset="active"` measures and flips back.

    Parameters
    ----------
    chip
        The hidden truth.
    number
        Which session of the twin this is; another number gives other noise.
    slow_s
        Wall time that every measurement takes.
    """

    def __init__(self, chip: ChipTruth, *, number: int, slow_s: float = 0.0) -> None:
        self._chip = chip
        self._number = number
        self._slow_s = slow_s
        self._lock = threading.Lock()
        self._calls: Counter[str] = Counter()
        self._lab_seconds = 0.0
        self.design: Mapping[str, Design] = MappingProxyType({q: t.design for q, t in chip.qubits.items()})
        """What was meant to be fabricated, by qubit."""
        self.settings: Mapping[str, Settings] = MappingProxyType(
            {qid: Settings.from_design(design) for qid, design in self.design.items()}
        )
        """Settings in use, by qubit; change them at will."""

    def __repr__(self) -> str:
        return f"TwinSession({self._chip.device!r}, {len(self.settings)} qubits, number={self._number})"

    @property
    def qids(self) -> tuple[str, ...]:
        """Ids of all qubits."""
        return tuple(self.settings)

    @property
    def lab_seconds(self) -> float:
        """Time that a laboratory would have needed for all measurements so far."""
        return self._lab_seconds

    def resonator_spectroscopy(
        self,
        frequencies_ghz: Mapping[str, ArrayLike],
        *,
        shots: int,
        amplitude: float | Mapping[str, float] | None = None,
    ) -> dict[str, Trace]:
        """Transmission against readout frequency, the qubit undriven; `amplitude` None: the readout's in use."""
        found: dict[str, Trace] = {}
        for qid, sweep in self._sweeps(frequencies_ghz, shots).items():
            qubit = self._chip.qubits[qid]
            probe = self.settings[qid].readout_amplitude if amplitude is None else _of(amplitude, qid)
            where = clouds(qubit, frequency_ghz=sweep, amplitude=probe)
            excited = np.full_like(sweep, qubit.thermal_population)
            found[qid] = averaged(sweep, excited, where, shots=shots, rng=self._rng(qid))
        self._spend({qid: np.full_like(t.x, _RESONATOR_RING_DOWN_US) for qid, t in found.items()}, shots)
        return found

    def qubit_spectroscopy(
        self, frequencies_ghz: Mapping[str, ArrayLike], *, shots: int, amplitude: float | Mapping[str, float]
    ) -> dict[str, Trace]:
        """Readout signal after a long pulse, against its frequency: saturation spectroscopy.

        Broadened by power; a strong drive shows f02/2 too, and a neighbour's line through crosstalk.
        """
        found: dict[str, Trace] = {}
        for qid, sweep in self._sweeps(frequencies_ghz, shots).items():
            qubit, strength = self._chip.qubits[qid], _of(amplitude, qid)
            excited = own_population(qubit, sweep, amplitude=strength)
            shift = line_shift(self._chip, qubit, sweep, amplitude=strength)
            found[qid] = averaged(
                sweep, excited, self._clouds(qid), shots=shots, rng=self._rng(qid), shift=shift
            )
        self._spend({qid: np.full_like(t.x, SPECTROSCOPY_PULSE_US) for qid, t in found.items()}, shots)
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
        programs: dict[str, tuple[Floats, _Populations]] = {}
        for qid, sweep in self._sweeps(durations_ns, shots).items():
            qubit, settings = self._chip.qubits[qid], self.settings[qid]
            up = qubit.drive.rabi_population(
                sweep * 1e-3,
                amplitude=settings.control_amplitude if amplitudes is None else amplitudes[qid],
                detuning_mhz=self._detuning_mhz(qid),
                coherence=qubit.coherence,
            )
            programs[qid] = (sweep, _Populations(up, 1 - up, sweep * 1e-3))
        return self._run(programs, shots=shots, interval_us=interval_us, reset=reset)

    def t1(
        self,
        delays_us: Mapping[str, ArrayLike],
        *,
        shots: int,
        interval_us: float = USUAL_INTERVAL_US,
        reset: ResetMode = "passive",
    ) -> dict[str, Trace]:
        """Population against the delay after an X180."""
        programs: dict[str, tuple[Floats, _Populations]] = {}
        for qid, sweep in self._sweeps(delays_us, shots).items():
            qubit = self._chip.qubits[qid]
            up = (1 - self._pulse(qid, "pi")[2, 2]) / 2
            kept, thermal = qubit.coherence.relaxation(sweep), qubit.thermal_population
            ground, excited = thermal + (up - thermal) * kept, thermal + (1 - up - thermal) * kept
            programs[qid] = (sweep, _Populations(ground, excited, sweep))
        return self._run(programs, shots=shots, interval_us=interval_us, reset=reset)

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
        programs: dict[str, tuple[Floats, _Populations]] = {}
        for qid, sweep in self._sweeps(delays_us, shots).items():
            inversion = sequences.ramsey_inversion(
                sweep,
                pulse=self._pulse(qid, "hpi"),
                detuning_mhz=self._detuning_mhz(qid),
                artificial_mhz=_of(detuning_mhz, qid),
                coherence=self._chip.qubits[qid].coherence,
                splittings_mhz=self._splittings(qid, delays_us),
            )
            programs[qid] = (sweep, _from_inversion(inversion, sweep))
        return self._run(programs, shots=shots, interval_us=interval_us, reset=reset)

    def t2_echo(
        self,
        delays_us: Mapping[str, ArrayLike],
        *,
        shots: int,
        interval_us: float = USUAL_INTERVAL_US,
        reset: ResetMode = "passive",
    ) -> dict[str, Trace]:
        """Population after X90, half the delay, X180, half the delay, X90."""
        programs: dict[str, tuple[Floats, _Populations]] = {}
        for qid, sweep in self._sweeps(delays_us, shots).items():
            inversion = sequences.echo_inversion(
                sweep,
                half_pulse=self._pulse(qid, "hpi"),
                pi_pulse=self._pulse(qid, "pi"),
                detuning_mhz=self._detuning_mhz(qid),
                coherence=self._chip.qubits[qid].coherence,
                splittings_mhz=self._splittings(qid, delays_us),
            )
            programs[qid] = (sweep, _from_inversion(inversion, sweep))
        return self._run(programs, shots=shots, interval_us=interval_us, reset=reset)

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
        for qid in self._sweeps({qid: [0.0] for qid in qids}, shots):
            up = (1 - self._pulse(qid, "pi")[2, 2]) / 2 if prepare else 0.0
            ends = _Populations(np.array([up]), np.array([1 - up]), np.zeros(1))
            excited = float(self._excited(qid, ends, interval_us=interval_us, reset=reset)[0])
            found[qid] = single_shots(excited, self._clouds(qid), shots=shots, rng=self._rng(qid))
            lengths[qid] = np.array([self._reset_us(qid, interval_us, reset)])
        self._spend(lengths, shots)
        return found

    def _run(
        self,
        programs: Mapping[str, tuple[Floats, _Populations]],
        *,
        shots: int,
        interval_us: float,
        reset: ResetMode,
    ) -> dict[str, Trace]:
        found: dict[str, Trace] = {}
        lengths: dict[str, Floats] = {}
        for qid, (sweep, ends) in programs.items():
            excited = self._excited(qid, ends, interval_us=interval_us, reset=reset)
            found[qid] = averaged(sweep, excited, self._clouds(qid), shots=shots, rng=self._rng(qid))
            lengths[qid] = ends.length_us + self._reset_us(qid, interval_us, reset)
        self._spend(lengths, shots)
        return found

    def _excited(self, qid: str, ends: _Populations, *, interval_us: float, reset: ResetMode) -> Floats:
        """Excited population just before readout, in the steady state of many shots of one point."""
        qubit = self._chip.qubits[qid]
        start: Floats | float = qubit.active_reset.residual
        if reset == "passive":
            start = passive_start(
                ends.from_ground,
                ends.from_excited,
                thermal=qubit.thermal_population,
                wait_us=interval_us,
                t1_us=qubit.coherence.t1_us,
            )
        return ends.from_ground + (ends.from_excited - ends.from_ground) * start

    def _reset_us(self, qid: str, interval_us: float, reset: ResetMode) -> float:
        if reset not in ("active", "passive"):
            raise InvalidInputError(f"reset: {reset!r} is neither 'active' nor 'passive'")
        if not 0 < interval_us < np.inf:
            raise InvalidInputError(f"interval_us: {interval_us!r} is not a positive time")
        return interval_us if reset == "passive" else self._chip.qubits[qid].active_reset.duration_us

    def _pulse(self, qid: str, kind: str) -> Floats:
        settings, drive = self.settings[qid], self._chip.qubits[qid].drive
        half = kind == "hpi"
        return drive.pulse(
            amplitude=settings.hpi_amplitude_in_use if half else settings.pi_amplitude_in_use,
            length_ns=settings.hpi_length_ns if half else settings.pi_length_ns,
            detuning_mhz=self._detuning_mhz(qid),
        )

    def _detuning_mhz(self, qid: str) -> float:
        return (self._chip.qubits[qid].frequency_ghz - self.settings[qid].drive_frequency_ghz) * 1e3

    def _splittings(self, qid: str, together: Mapping[str, ArrayLike]) -> tuple[float, ...]:
        return tuple(zeta for other, zeta in self._chip.neighbours[qid].items() if other in together)

    def _clouds(self, qid: str) -> Clouds:
        settings = self.settings[qid]
        return clouds(
            self._chip.qubits[qid],
            frequency_ghz=settings.readout_frequency_ghz,
            amplitude=settings.readout_amplitude,
        )

    def _rng(self, qid: str) -> np.random.Generator:
        with self._lock:
            self._calls[qid] += 1
            call = self._calls[qid]
        return stream(self._chip.seed, "session", self._number, qid, call)

    def _spend(self, lengths_us: Mapping[str, Floats], shots: int) -> None:
        """Count the laboratory time of one call: targets measured together take as long as the longest."""
        seconds = max(
            (
                shots * 1e-6 * float(np.sum(t + self.settings[qid].readout_length_ns * 1e-3))
                for qid, t in lengths_us.items()
            ),
            default=0.0,
        )
        with self._lock:
            self._lab_seconds += seconds + _SET_UP_S
        if self._slow_s:
            time.sleep(self._slow_s)

    def _sweeps(self, given: Mapping[str, ArrayLike], shots: int) -> dict[str, Floats]:
        if isinstance(shots, bool) or not isinstance(shots, (int, np.integer)) or shots < 1:
            raise InvalidInputError(f"shots: {shots!r} is not a positive whole number")
        checked: dict[str, Floats] = {}
        for qid, sweep in given.items():
            if qid not in self.settings:
                raise NotFoundError(f"{qid!r} is not a qubit of this twin ({', '.join(self.qids[:8])}, ...)")
            values = np.array(sweep, dtype=np.float64)
            if values.ndim != 1 or not values.size or not np.isfinite(values).all() or (values < 0).any():
                raise InvalidInputError(f"sweep of {qid}: a sweep is a list of finite numbers, none negative")
            checked[qid] = values
        return checked


def _of(value: float | Mapping[str, float], qid: str) -> float:
    return value[qid] if isinstance(value, Mapping) else value


def _from_inversion(inversion: Floats, delay_us: Floats) -> _Populations:
    return _Populations((1 - inversion) / 2, (1 + inversion) / 2, delay_us)
