"""Simulated instruments of a chip: playback of settings, shots, noise, laboratory time."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from qdash_fake.physics.levels import basis_state, populations
from qdash_fake.physics.ring_up import average_windows
from qdash_fake.physics.simultaneous import compute_channel, list_busy_neighbours
from qdash_fake.physics.spectroscopy import DrivenNeighbour, compute_population, line_shift
from qdash_fake.physics.steady_state import excited_before_readout
from qdash_fake.physics.streams import stream
from qdash_fake.sampling import make_clouds, place_clouds, sample_averages

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from qdash_fake.clock import TwinTime
    from qdash_fake.physics.chip import ChipTruth, QubitTruth
    from qdash_fake.physics.drive import Drive
    from qdash_fake.physics.levels import Levels
    from qdash_fake.planes import IQPlanes
    from qdash_fake.sampling import Clouds
    from qdash_tasks.laboratory.program import Program
    from qdash_tasks.laboratory.pulses import Pulse
    from qdash_tasks.laboratory.settings import Settings
    from qdash_tasks.laboratory.shots import Repetition, Shots
    from qdash_tasks.laboratory.trace import Trace

    Complexes = NDArray[np.complex128]
    Floats = NDArray[np.float64]

_SET_UP_S = 0.1
"""Time to load the programs of a call in a laboratory."""

_MOST_CHANNELS = 2048
"""Number of cached pulse channels."""


class Populations(NamedTuple):
    """Final excited population after starts in |0> and |1>, the length of the sequence and the time since its last pulse in µs."""

    from_ground: Floats
    from_excited: Floats
    length_us: Floats
    waited_us: Floats | float = 0.0


class Instruments:
    """Instruments that play the settings in use on a chip. Thread-safe.

    `chip` is the hidden truth; `settings` is a view that may change at any time. Another session `number` gives other
    noise. Every measurement takes `slow_s` of wall time, and adds its laboratory time to `clock` by target.

    Two underscores keep tasks from reading the chip by mistake.
    """

    def __init__(
        self,
        chip: ChipTruth,
        settings: Mapping[str, Settings],
        *,
        number: int,
        slow_s: float,
        clock: TwinTime,
        planes: IQPlanes,
    ) -> None:
        self.__chip = chip
        self.planes = planes
        self.settings = settings
        self.clock = clock
        self._number = number
        self._slow_s = slow_s
        self._lock = threading.Lock()
        self._calls: Counter[str] = Counter()
        self._channels: dict[tuple[Pulse, float, Drive, Levels], Complexes] = {}
        self._drag_channels: dict[str, tuple[tuple[Pulse, float, Drive, Levels, bytes], Complexes]] = {}

    def qubit(self, qid: str) -> QubitTruth:
        """Return the truth of a qubit, for programs played by the instruments."""
        return self.__chip.qubits[qid]

    def average(self, qid: str, x: Floats, ends: Populations, shots: Shots) -> tuple[Trace, Floats]:
        """Read a qubit at the end of a sequence; also return the time between readouts of successive shots (us, (n,))."""
        lengths_us = ends.length_us + self.reset_us(qid, shots.repetition)
        excited = self.compute_excited(qid, ends, shots.repetition)
        where = self.clouds(qid, waited_us=ends.waited_us)
        trace = sample_averages(x, excited, where, shots=shots.count, rng=self.rng(qid))
        return trace, lengths_us

    def compute_excited(self, qid: str, ends: Populations, repetition: Repetition) -> Floats:
        """Return the excited population just before readout, in the steady state of many shots of one point."""
        return excited_before_readout(self.qubit(qid), ends.from_ground, ends.from_excited, repetition)

    def reset_us(self, qid: str, repetition: Repetition) -> float:
        """Return the time between the readout of one shot and the start of the next."""
        if repetition.reset == "passive":
            return repetition.interval_us
        return self.qubit(qid).active_reset.duration_us

    def channel(self, qid: str, pulse: Pulse, *, drive_ghz: float | None = None) -> Complexes:
        """Return the superoperator (9, 9) of `pulse` on three levels, by default at the drive frequency in use."""
        qubit = self.qubit(qid)
        # A qubit that changes in time has another drive, detuning or T1.
        key = (pulse, self.detuning_mhz(qid, drive_ghz=drive_ghz), qubit.drive, qubit.levels)
        found = self._channels.get(key)
        if found is None:
            found = qubit.drive.channel(pulse, detuning_mhz=key[1], levels=qubit.levels)
            if len(self._channels) >= _MOST_CHANNELS:
                self._channels.clear()
            self._channels[key] = found
        return found

    def get_simultaneous_channel(
        self, qid: str, gate: Literal["X90", "X180"], together: Collection[str]
    ) -> Complexes:
        """Return `channel` of a gate in use while the coupled qubits in `together` play their own gates."""
        pulse = self._get_pulse(qid, gate)
        qubit = self.qubit(qid)
        busy = list_busy_neighbours(
            self.__chip,
            qid,
            together,
            lambda other: (self._get_pulse(other, gate), self.settings[other].drive_frequency_ghz),
        )
        if not busy:
            return self.channel(qid, pulse)
        return compute_channel(qubit, pulse, drive_ghz=self.settings[qid].drive_frequency_ghz, busy=busy)

    def _get_pulse(self, qid: str, gate: Literal["X90", "X180"]) -> Pulse:
        return self.settings[qid].x90 if gate == "X90" else self.settings[qid].x180

    def drag_channels(self, qid: str, pulse: Pulse, betas_ns: Floats) -> Complexes:
        """Return `channel` of `pulse` at each of these DRAG coefficients, shape (n, 9, 9)."""
        qubit = self.qubit(qid)
        key = (pulse, self.detuning_mhz(qid), qubit.drive, qubit.levels, betas_ns.tobytes())
        last = self._drag_channels.get(qid)
        if last is not None and last[0] == key:
            return last[1]
        found = qubit.drive.channels(
            pulse.amplitude, betas_ns, length_ns=pulse.length_ns, detuning_mhz=key[1], levels=qubit.levels
        )
        # A sweep is measured with several numbers of pulses in succession.
        self._drag_channels[qid] = (key, found)
        return found

    def prepare_excited(self, qid: str) -> Floats:
        """Return the populations of three levels after the X180 in use, from |0> and |1>, shape (2, 3)."""
        channel = self.channel(qid, self.settings[qid].x180)
        return np.stack([populations(channel @ basis_state(level)) for level in (0, 1)])

    def prepare_state(self, qid: str, state: int) -> Populations:
        """Return the populations after preparation of |0> (no pulse) or |1> (the X180 in use), one point."""
        up = 1 - self.prepare_excited(qid)[:, 0] if state else np.array([0.0, 1.0])
        return Populations(up[:1], up[1:], np.zeros(1))

    def detuning_mhz(self, qid: str, *, drive_ghz: float | None = None) -> float:
        """Return qubit frequency minus drive frequency, by default the one in use."""
        in_use_ghz = self.settings[qid].drive_frequency_ghz
        return self.qubit(qid).detuning_mhz(in_use_ghz if drive_ghz is None else drive_ghz)

    def splittings_mhz(self, qid: str, together: Collection[str]) -> tuple[float, ...]:
        """Return the static ZZ to each neighbour that is in superposition at the same time."""
        return tuple(zeta for other, zeta in self.__chip.neighbours[qid].items() if other in together)

    def list_driven_neighbours(
        self, qid: str, points: int, together: Mapping[str, tuple[Floats, float]]
    ) -> tuple[DrivenNeighbour, ...]:
        """Return the neighbours of a qubit among those that a long drive saturates at the same time.

        A sweep that is shorter than `points` repeats its last point. `together` has the frequencies (GHz) and amplitude
        of each drive.
        """
        found = []
        for other, zz_mhz in self.__chip.neighbours[qid].items():
            if other not in together:
                continue
            sweep, amplitude = together[other]
            tone_ghz = sweep[np.minimum(np.arange(points), sweep.size - 1)]
            neighbour = self.qubit(other)
            heard, _ = neighbour.crosstalk.get(qid, (0.0, 0.0))
            found.append(
                DrivenNeighbour(
                    other,
                    zz_mhz,
                    compute_population(neighbour, tone_ghz, amplitude=amplitude),
                    tone_ghz,
                    neighbour.drive.rabi_mhz(amplitude) * heard,
                )
            )
        return tuple(found)

    def line_shift(
        self, qid: str, drive_ghz: Floats, *, amplitude: float, beside: Sequence[DrivenNeighbour] = ()
    ) -> Floats:
        """Return the signal of lines other than the qubit's own under a long drive (see `physics.spectroscopy`)."""
        return line_shift(self.__chip, self.qubit(qid), drive_ghz, amplitude=amplitude, beside=beside)

    def clouds(
        self,
        qid: str,
        *,
        frequency_ghz: float | Floats | None = None,
        amplitude: float | None = None,
        waited_us: Floats | float = 0.0,
    ) -> Clouds:
        """Return the IQ clouds at the readout settings in use, with the given ones replaced, a time after the last pulse."""
        settings = self.settings[qid]
        return make_clouds(
            self.qubit(qid),
            frequency_ghz=settings.readout_frequency_ghz if frequency_ghz is None else frequency_ghz,
            amplitude=settings.readout_amplitude if amplitude is None else amplitude,
            waited_us=waited_us,
        ).on_plane(self.planes.factor(qid))

    def clouds_in_windows(self, qid: str, starts_ns: Floats, window_ns: float) -> Clouds:
        """Return the IQ clouds in windows of the readout in use: they rise, and have the noise of a shorter time."""
        settings, qubit = self.settings[qid], self.qubit(qid)
        frequency_ghz, amplitude = settings.readout_frequency_ghz, settings.readout_amplitude

        def transmit(level: int) -> Complexes:
            return amplitude * average_windows(
                qubit.resonator, frequency_ghz, starts_ns, window_ns, excited=level
            )

        return place_clouds(
            # The windows show when the signal arrives, so that they miss no share of it.
            replace(qubit, chain=replace(qubit.chain, captured=1.0)),
            transmit,
            frequency_ghz=frequency_ghz,
            noise=qubit.readout.noise * float(np.sqrt(settings.readout_length_ns / window_ns)),
            amplitude=amplitude,
        ).on_plane(self.planes.factor(qid))

    def rng(self, qid: str) -> np.random.Generator:
        """Return the random generator of the next measurement of `qid`, independent of other qubits."""
        with self._lock:
            self._calls[qid] += 1
            call = self._calls[qid]
        return stream(self.__chip.seed, "session", self._number, qid, call)

    def advance_clock(self, lengths_us: Mapping[str, Floats], shots: int, *, set_up: bool) -> None:
        """Add the laboratory time of simultaneous measurements; a qubit or coupling does not wait for others.

        With `set_up` programs are loaded first, once for all requests of a call.
        """
        before_s = _SET_UP_S if set_up else 0.0
        for target, lengths in lengths_us.items():
            qids = target.split("-")
            self.clock.place(target, max(self.clock.now_s(one) for one in (target, *qids)))
            self.clock.advance(
                target, before_s + shots * 1e-6 * float(np.sum(lengths + self._get_readout_us(target)))
            )
            for qid in qids:
                self.clock.place(qid, self.clock.now_s(target))
        if self._slow_s:
            time.sleep(self._slow_s)

    def advance_clock_by_programs(self, programs: Sequence[Program], shots: Shots) -> list[float]:
        """Add the laboratory time of successive programs; return their start times (s), common to all their qubits."""
        began_s = []
        loaded: set[str] = set()
        for program in programs:
            qids = {play.line for play in program.plays} | {readout.qid for readout in program.readouts}
            now_s = max(self.clock.now_s(qid) for qid in qids)
            rest_us = max(self.reset_us(qid, shots.repetition) for qid in qids)
            passed_s = shots.count * (program.length_ns * 1e-3 + rest_us) * 1e-6
            passed_s += 0.0 if qids <= loaded else _SET_UP_S
            for qid in qids:
                self.clock.place(qid, now_s)
                self.clock.advance(qid, passed_s)
            loaded |= qids
            began_s.append(now_s)
        if self._slow_s:
            time.sleep(self._slow_s)
        return began_s

    def _get_readout_us(self, target: str) -> float:
        """Return the readout time of a qubit, or of both qubits of a coupling read together."""
        return max(self.settings[qid].readout_length_ns for qid in target.split("-")) * 1e-3
