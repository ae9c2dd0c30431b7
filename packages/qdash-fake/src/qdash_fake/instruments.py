"""What stands between a session and the hidden chip: settings played, shots started, noise and time accounted for."""

from __future__ import annotations

import threading
import time
from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from qdash_core.errors import InvalidInputError, NotFoundError
from qdash_fake.physics.reset import Repetition, excited_before_readout
from qdash_fake.physics.streams import stream
from qdash_fake.sampling import averaged, clouds
from qdash_fake.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from qdash_fake.physics.chip import ChipTruth
    from qdash_fake.physics.reset import ResetMode
    from qdash_fake.sampling import Clouds
    from qdash_fake.trace import Trace

    Floats = NDArray[np.float64]

_SET_UP_S = 0.1
"""Time that a laboratory needs to load a program, once a call."""


class Populations(NamedTuple):
    """Excited population at the end of a sequence that starts in |0> and in |1>, and the sequence's length in us."""

    from_ground: Floats
    from_excited: Floats
    length_us: Floats

    @classmethod
    def from_inversion(cls, inversion: Floats, length_us: Floats) -> Populations:
        """Make them from what fraction of the initial inversion is left."""
        return cls((1 - inversion) / 2, (1 + inversion) / 2, length_us)


class Instruments:
    """Plays the settings in use on a chip. Safe for threads.

    Parameters
    ----------
    chip
        The hidden truth.
    number
        Number of the session; another one gives other noise.
    slow_s
        Wall time that every call takes.

    Notes
    -----
    Two underscores keep the chip where no task comes by it by mistake: a task that looked at the truth would prove
    nothing.
    """

    def __init__(self, chip: ChipTruth, *, number: int, slow_s: float) -> None:
        self.__chip = chip
        self.settings: Mapping[str, Settings] = MappingProxyType(
            {qid: Settings.from_design(qubit.design) for qid, qubit in chip.qubits.items()}
        )
        self.lab_seconds = 0.0
        self._number = number
        self._slow_s = slow_s
        self._lock = threading.Lock()
        self._calls: Counter[str] = Counter()

    def sweeps(self, given: Mapping[str, ArrayLike], shots: int) -> dict[str, Floats]:
        """Return the sweeps as arrays, or raise a `QDashError` that says what cannot be measured."""
        if isinstance(shots, bool) or not isinstance(shots, (int, np.integer)) or shots < 1:
            raise InvalidInputError(f"shots: {shots!r} is not a positive whole number")
        checked: dict[str, Floats] = {}
        for qid, sweep in given.items():
            if qid not in self.settings:
                raise NotFoundError(f"{qid!r} is not a qubit of this twin; it has {', '.join(self.settings)}")
            values = np.array(sweep, dtype=np.float64)
            if values.ndim != 1 or not values.size or not np.isfinite(values).all() or (values < 0).any():
                raise InvalidInputError(f"sweep of {qid}: a sweep is a list of finite numbers, none negative")
            checked[qid] = values
        return checked

    def run(
        self,
        programs: Mapping[str, tuple[Floats, Populations]],
        *,
        shots: int,
        interval_us: float,
        reset: ResetMode,
    ) -> dict[str, Trace]:
        """Measure the populations at the end of one sequence a qubit, all together."""
        found: dict[str, Trace] = {}
        lengths: dict[str, Floats] = {}
        for qid, (sweep, ends) in programs.items():
            lengths[qid] = ends.length_us + self.reset_us(qid, interval_us, reset)
            excited = self.excited(qid, ends, interval_us=interval_us, reset=reset)
            found[qid] = averaged(sweep, excited, self.clouds(qid), shots=shots, rng=self.rng(qid))
        self.spend(lengths, shots)
        return found

    def excited(self, qid: str, ends: Populations, *, interval_us: float, reset: ResetMode) -> Floats:
        """Excited population just before readout, in the steady state of many shots of one point."""
        repetition = Repetition(reset, interval_us)
        return excited_before_readout(
            self.__chip.qubits[qid], ends.from_ground, ends.from_excited, repetition
        )

    def reset_us(self, qid: str, interval_us: float, reset: ResetMode) -> float:
        """Time between the readout of one shot and the start of the next."""
        if reset not in ("active", "passive"):
            raise InvalidInputError(f"reset: {reset!r} is neither 'active' nor 'passive'")
        if not 0 < interval_us < np.inf:
            raise InvalidInputError(f"interval_us: {interval_us!r} is not a positive time")
        return interval_us if reset == "passive" else self.__chip.qubits[qid].active_reset.duration_us

    def pulse(self, qid: str, kind: Literal["hpi", "pi"]) -> Floats:
        """Rotation that the X90 or the X180 in use makes of the Bloch vector, shape (3, 3)."""
        settings, half = self.settings[qid], kind == "hpi"
        return self.__chip.qubits[qid].drive.pulse(
            amplitude=settings.hpi_amplitude_in_use if half else settings.pi_amplitude_in_use,
            length_ns=settings.hpi_length_ns if half else settings.pi_length_ns,
            detuning_mhz=self.detuning_mhz(qid),
        )

    def flipped(self, qid: str) -> float:
        """Excited population after the X180 in use, starting in |0>."""
        return float(1 - self.pulse(qid, "pi")[2, 2]) / 2

    def detuning_mhz(self, qid: str) -> float:
        """Qubit minus drive frequency."""
        return (self.__chip.qubits[qid].frequency_ghz - self.settings[qid].drive_frequency_ghz) * 1e3

    def splittings_mhz(self, qid: str, together: Mapping[str, ArrayLike]) -> tuple[float, ...]:
        """Static ZZ to each neighbour that is measured in the same call."""
        return tuple(zeta for other, zeta in self.__chip.neighbours[qid].items() if other in together)

    def clouds(self, qid: str) -> Clouds:
        """Where shots land at the readout settings in use."""
        settings = self.settings[qid]
        return clouds(
            self.__chip.qubits[qid],
            frequency_ghz=settings.readout_frequency_ghz,
            amplitude=settings.readout_amplitude,
        )

    def rng(self, qid: str) -> np.random.Generator:
        """Return the noise of the next measurement of `qid`, whatever other qubits do meanwhile."""
        with self._lock:
            self._calls[qid] += 1
            call = self._calls[qid]
        return stream(self.__chip.seed, "session", self._number, qid, call)

    def spend(self, lengths_us: Mapping[str, Floats], shots: int) -> None:
        """Count the laboratory time of one call: targets measured together take as long as the longest."""
        seconds = [
            shots * 1e-6 * float(np.sum(lengths + self.settings[qid].readout_length_ns * 1e-3))
            for qid, lengths in lengths_us.items()
        ]
        with self._lock:
            self.lab_seconds += max(seconds, default=0.0) + _SET_UP_S
        if self._slow_s:
            time.sleep(self._slow_s)
