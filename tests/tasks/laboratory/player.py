"""Exact laboratory that plays pulses on two-level qubits, and checks every program against its limits."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import expm

from qdash_tasks.laboratory.coupling_settings import CouplingSettings
from qdash_tasks.laboratory.limits import Limits
from qdash_tasks.laboratory.program import IQ, Play, ProgramAnswer
from qdash_tasks.laboratory.pulse_laboratory import PulseLaboratory
from qdash_tasks.laboratory.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from qdash_tasks.laboratory.program import Program, Waveform
    from qdash_tasks.laboratory.shots import Shots

    Complexes = NDArray[np.complex128]
    Floats = NDArray[np.float64]

QUBIT_GHZ, DRIVE_GHZ, READOUT_GHZ = 5.0, 4.999, 7.0
"""Frequencies, with the drive detuned by 1 MHz."""
FULL_SCALE_MHZ = 125.0
T1_US, T2_US = 20.0, 15.0
ZERO, ONE = 1.0 + 0.5j, -0.3 + 1.2j
"""IQ points of |0> and |1>."""
SHOT_NOISE = 0.4
_LOWER = np.array([[0, 1], [0, 0]], dtype=np.complex128)
_SLICES = 60
_EXACT = 1e-14
"""Residual noise of noiseless shots: equal blocks would give no estimate of it."""


def settings(**changes: float) -> Settings:
    """Return the settings of a qubit whose Rabi frequency is known exactly."""
    return Settings(
        drive_frequency_ghz=DRIVE_GHZ,
        readout_frequency_ghz=READOUT_GHZ,
        readout_amplitude=0.1,
        readout_length_ns=1000.0,
        control_amplitude=0.1,
        rabi_frequency_mhz=0.1 * FULL_SCALE_MHZ,
    ).changed(changes)


def resonant(**changes: float) -> Settings:
    """Return settings with the drive on resonance."""
    return settings(**{"drive_frequency_ghz": QUBIT_GHZ} | changes)


class Player(PulseLaboratory):
    """Three qubits in a row, without interaction.

    Parameters
    ----------
    noise
        Noise of shots, in units of the usual one; 0 for exact means.
    turns_deg
        Rotation of the IQ plane in each call, in order; the last one persists.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        qubits: Mapping[str, Settings] | None = None,
        noise: float = 0.0,
        turns_deg: Sequence[float] = (0.0,),
        seed: int = 1,
    ) -> None:
        qubits = dict.fromkeys("012", settings()) if qubits is None else qubits
        self.limits = limits or Limits(covariances=True)
        super().__init__(qubits, {"0-1": CouplingSettings(), "1-2": CouplingSettings()})
        self.calls: list[tuple[list[Program], Shots]] = []
        self._noise, self._turns_deg = noise, list(turns_deg)
        self._random = np.random.default_rng(seed)

    def rng(self) -> np.random.Generator:
        return self._random

    def play(self, programs: Sequence[Program], shots: Shots) -> list[ProgramAnswer]:
        number = min(len(self.calls), len(self._turns_deg) - 1)
        self.calls.append((list(programs), shots))
        turn = np.exp(1j * np.deg2rad(self._turns_deg[number]))
        # Blocks repeat the same programs.
        different = {id(program): program for program in programs}
        ends = {key: self._ends(program) for key, program in different.items()}
        return [
            ProgramAnswer(
                iq={qid: self._iq(one, shots, turn) for qid, one in ends[id(program)].items()},
                began_s=100.0 * len(self.calls),
            )
            for program in programs
        ]

    def _ends(self, program: Program) -> dict[str, Floats]:
        require_playable(program, self.limits)
        return {one.qid: excited_when_read(program, one.qid) for one in program.readouts}

    def _iq(self, excited: Floats, shots: Shots, turn: complex) -> IQ:
        size = (shots.count, excited.size)
        if self._noise:
            excited = (self._random.random(size) < excited).astype(np.float64)
        off = self._random.normal(0, self._noise * SHOT_NOISE or _EXACT, (2, *size))
        each = (ZERO + excited * (ONE - ZERO) + off[0] + 1j * off[1]) * turn
        known = self.limits.covariances and shots.keep == "mean"
        return IQ(each.mean(axis=0), each, _covariance(each) if known else None)


def _covariance(each: Complexes) -> Floats:
    """Return the covariance of the mean, computed as in an adapter."""
    return np.array([np.cov(row.real, row.imag) / row.size for row in each.T])


def require_playable(program: Program, limits: Limits) -> None:
    """Raise `ValueError` for programs that instruments with these limits refuse."""
    by_generator = defaultdict(list)
    for play in program.plays:
        line = limits.line(play.line)
        _require_on_grid(play.start_ns, line.start_ns)
        _require_on_grid(play.waveform.length_ns, line.start_ns)
        if not line.shortest_ns <= play.waveform.length_ns <= line.longest_pulse_ns:
            raise ValueError(f"{play.waveform.length_ns} ns")
        by_generator[play.line].append(play)
    for plays in by_generator.values():
        plays.sort(key=lambda play: play.start_ns)
        for before, after in pairwise(plays):
            gap_ns = after.start_ns - before.end_ns
            shortest_ns = limits.line(before.line).shortest_gap_ns
            if gap_ns < -1e-6 or 1e-6 < gap_ns < shortest_ns - 1e-6:
                raise ValueError(f"a gap of {gap_ns} ns")
    for readout in program.readouts:
        _require_on_grid(readout.start_ns, limits.readout.start_ns)
        program.require_guard(readout, limits.readout.guard_ns)


def _require_on_grid(time_ns: float, grid_ns: float) -> None:
    if time_ns < 0 or abs(time_ns - round(time_ns / grid_ns) * grid_ns) > 1e-6:
        raise ValueError(f"{time_ns} ns are not on a grid of {grid_ns} ns")


def excited_when_read(program: Program, qid: str) -> Floats:
    """Return the excited population at each readout of a qubit from |0>; readouts do not change it."""
    state, now_ns, found = np.diag([1.0, 0.0]).astype(np.complex128), 0.0, []
    own = [play for play in program.plays if play.line == qid and play.toward is None]
    read = [one for one in program.readouts if one.qid == qid]
    for step in sorted([*own, *read], key=lambda one: (one.start_ns, one.end_ns)):
        state, now_ns = _waited(state, step.start_ns - now_ns), step.start_ns
        if isinstance(step, Play):
            state, now_ns = _turned(state, step), step.end_ns
        else:
            found.append(state[1, 1].real)
    return np.array(found)


def _waited(state: Complexes, time_ns: float) -> Complexes:
    """Return a state after relaxation in the frame of the qubit."""
    kept, across = np.exp(-time_ns * 1e-3 / T1_US), np.exp(-time_ns * 1e-3 / T2_US)
    excited = state[1, 1] * kept
    return np.array([[1 - excited, state[0, 1] * across], [state[1, 0] * across, excited]])


def _turned(state: Complexes, play: Play) -> Complexes:
    """Return a state after a pulse, in whose frame the qubit rotates."""
    off_ghz = QUBIT_GHZ - play.frequency_ghz
    turn = _pulse(play.waveform, play.amplitude, round(1e3 * off_ghz, 9))
    begins, ends = (
        play.phase_rad + 2 * np.pi * off_ghz * time_ns for time_ns in (play.start_ns, play.end_ns)
    )
    whole = _phase(ends) @ turn @ _phase(-begins)
    return whole @ state @ whole.conj().T


def _phase(angle_rad: float) -> Complexes:
    return np.diag([1.0, np.exp(1j * angle_rad)])


@lru_cache(maxsize=4096)
def _pulse(waveform: Waveform, amplitude: float, off_mhz: float) -> Complexes:
    """Return the map of a pulse of phase 0 in the frame of its own frequency."""
    count = 1 if waveform.shape == "square" else _SLICES
    step_ns = waveform.length_ns / count
    found = np.eye(2, dtype=np.complex128)
    for value in waveform.at((np.arange(count) + 0.5) * step_ns):
        drive = FULL_SCALE_MHZ * amplitude * value
        energy = off_mhz * np.diag([0, 1]) + (drive * _LOWER.T + np.conj(drive) * _LOWER) / 2
        found = expm(-2e-3j * np.pi * energy * step_ns) @ found
    return found
