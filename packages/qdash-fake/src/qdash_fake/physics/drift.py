"""Slow changes of a chip, as a smooth function of seed, qubit and laboratory time.

Each quantity is a sum of sinusoids of equal size whose periods lie a constant factor apart, from two hours to eleven
days: power that falls with the inverse frequency, as that of many two-level systems and of instruments. The table's values
are the mean. Standard deviations at size 1:

- T1 by 15 % and pure dephasing of the echo by 15 % (Burnett et al., npj Quantum Information 5, 54 (2019): T1 about its
  mean by a tenth to a fifth within days; the dips of up to tenfold of Klimov et al., PRL 121, 090502 (2018), are rare and
  left out);
- qubit frequency by 3 kHz (Burnett 2019 and Schloer et al., PRL 123, 190502 (2019): a few kHz from single two-level systems,
  there as telegraph noise, here smooth);
- drive gain by 0.2 %, readout gain by 0.5 % and its phase by 0.02 rad: temperature of cables and amplifiers (no single
  source).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_fake.physics.streams import stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_fake.physics.chip import ChipTruth, QubitTruth
    from qdash_fake.physics.coherence import Coherence

    Floats = NDArray[np.float64]

T1_SPREAD = 0.15
DEPHASING_SPREAD = 0.15
FREQUENCY_SPREAD_GHZ = 3e-6
DRIVE_SPREAD = 0.002
READOUT_GAIN_SPREAD = 0.005
READOUT_PHASE_SPREAD_RAD = 0.02

_QUANTITIES = ("t1", "dephasing", "frequency", "drive", "readout gain", "readout phase")
_SLOWEST_HZ, _FASTEST_HZ, _WAVES = 1e-6, 1.4e-4, 16
_TURNS_PER_S = np.geomspace(_SLOWEST_HZ, _FASTEST_HZ, _WAVES)


def drifting(chip: ChipTruth, size: float, clock: Callable[[], float]) -> ChipTruth:
    """Return `chip` as it is when one looks: its qubits are those of the laboratory time that `clock` shows, in seconds.

    Parameters
    ----------
    size
        Factor on the standard deviations; 0: the chip stays as it is.
    """
    return replace(chip, qubits=_Present(chip, size, clock)) if size else chip


class _Present(Mapping[str, "QubitTruth"]):
    """The qubits at the present; whoever keeps one keeps it as it was."""

    def __init__(self, chip: ChipTruth, size: float, clock: Callable[[], float]) -> None:
        self._mean = chip.qubits
        self._clock = clock
        self._course = {qid: _Course(qubit, chip.seed, size) for qid, qubit in chip.qubits.items()}

    def __getitem__(self, qid: str) -> QubitTruth:
        return self._course[qid].at(self._clock())

    def __iter__(self) -> Iterator[str]:
        return iter(self._mean)

    def __len__(self) -> int:
        return len(self._mean)


@dataclass
class _Course:
    """One qubit through time; it keeps the qubit of the time that was asked for last."""

    mean: QubitTruth
    seed: int
    size: float

    def __post_init__(self) -> None:
        streams = [stream(self.seed, self.mean.qid, "drift", name) for name in _QUANTITIES]
        self._phases = np.array([generator.random(_WAVES) for generator in streams]) * 2 * np.pi
        self._last: tuple[float, QubitTruth] | None = None

    def at(self, clock_s: float) -> QubitTruth:
        last = self._last
        if last is None or last[0] != clock_s:
            last = self._last = (clock_s, self._drifted(self._deviations(clock_s)))
        return last[1]

    def _deviations(self, clock_s: float) -> Mapping[str, float]:
        """Return every quantity in units of its standard deviation."""
        waves = np.sin(2 * np.pi * _TURNS_PER_S * clock_s + self._phases)
        sums = self.size * math.sqrt(2 / _WAVES) * waves.sum(axis=1)
        return dict(zip(_QUANTITIES, sums.tolist(), strict=True))

    def _drifted(self, by: Mapping[str, float]) -> QubitTruth:
        qubit = self.mean
        drive, resonator = qubit.drive, qubit.resonator
        return replace(
            qubit,
            frequency_ghz=qubit.frequency_ghz + FREQUENCY_SPREAD_GHZ * by["frequency"],
            coherence=_coherence(qubit.coherence, by["t1"], by["dephasing"]),
            drive=replace(
                drive,
                rabi_per_amplitude_mhz=drive.rabi_per_amplitude_mhz * math.exp(DRIVE_SPREAD * by["drive"]),
            ),
            resonator=replace(
                resonator,
                gain=resonator.gain * math.exp(READOUT_GAIN_SPREAD * by["readout gain"]),
                phase_rad=resonator.phase_rad + READOUT_PHASE_SPREAD_RAD * by["readout phase"],
            ),
        )


def _coherence(mean: Coherence, t1_by: float, dephasing_by: float) -> Coherence:
    """Relaxation and pure dephasing drift apart, so the echo stays below 2 T1; the slow detuning keeps its size."""
    t1 = mean.t1_us * math.exp(T1_SPREAD * t1_by)
    pure = max(1 / mean.t2_echo_us - 1 / (2 * mean.t1_us), 0.0) * math.exp(DEPHASING_SPREAD * dephasing_by)
    return replace(mean, t1_us=t1, t2_echo_us=1 / (1 / (2 * t1) + pure))
