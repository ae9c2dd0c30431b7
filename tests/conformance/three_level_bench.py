"""Qubits of three levels that play pulses correctly or with one mistake: the reference for the recipes.

A tone toward another qubit rotates that qubit weakly, about an axis of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from qdash_core.errors import InvalidInputError
from qdash_tasks.laboratory.coupling_settings import CouplingSettings
from qdash_tasks.laboratory.limits import Limits
from qdash_tasks.laboratory.program import IQ, ProgramAnswer, Signs
from qdash_tasks.laboratory.pulse_laboratory import PulseLaboratory
from qdash_tasks.laboratory.settings import Settings

from .mistakes import Mistakes, answer_order, as_played, as_taken, draws_of, played_gap_ns
from .three_levels import in_one_shot_of_many, pulsed, waited

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_tasks.laboratory.program import Play, Program, Readout
    from qdash_tasks.laboratory.shots import Shots

_RABI_GHZ = 0.125
_CROSS, _CROSS_RAD = 0.03, 0.7
_ROUNDING = 1e-6


@dataclass(frozen=True, kw_only=True)
class Qubits:
    """True values of every qubit, and errors of the settings in use."""

    t1_us: float = 60.0
    t2_us: float = 40.0
    off_mhz: float = 0.0
    rough: float = 1.0
    pulse_ns: float = 40.0
    distance: complex = 0.3 - 0.2j
    zero: complex = 0.5 + 1.1j
    noise: float = 0.25


def require_on_grid(time_ns: float, grid_ns: float) -> None:
    """Raise `InvalidInputError` if a time is off the grid."""
    if abs(time_ns / grid_ns - round(time_ns / grid_ns)) > _ROUNDING:
        raise InvalidInputError(f"{time_ns} ns are not on the grid of {grid_ns} ns")


class ThreeLevelBench(PulseLaboratory):
    """Qubits 0 and 1, and the coupling between them."""

    def __init__(
        self,
        qubits: Qubits | None = None,
        mistakes: Mistakes | None = None,
        *,
        signs: Signs | None = None,
        limits: Limits | None = None,
        seed: int = 1,
    ) -> None:
        self.qubits, self.mistakes = qubits or Qubits(), mistakes or Mistakes()
        super().__init__(
            {"0": self._settings_of(5.1), "1": self._settings_of(4.95)}, {"0-1": CouplingSettings()}
        )
        self.true_ghz = {
            qid: one.drive_frequency_ghz - 1e-3 * self.qubits.off_mhz for qid, one in self.settings.items()
        }
        self.limits = limits or Limits(covariances=True)
        self.calls: list[int] = []
        self._signs, self._noise = signs or Signs(), np.random.default_rng(seed)

    def _settings_of(self, drive_ghz: float) -> Settings:
        """Return settings whose pulses rotate by `rough` times the right angle."""
        length_ns, rough = self.qubits.pulse_ns, self.qubits.rough
        half = rough / (2 * length_ns * _RABI_GHZ)
        return Settings(
            drive_ghz,
            7.0,
            0.1,
            800.0,
            hpi_length_ns=length_ns,
            pi_length_ns=length_ns,
            hpi_amplitude=half,
            pi_amplitude=2 * half,
        )

    def signs(self, play: Play) -> Signs:
        return self._signs

    def play(self, programs: Sequence[Program], shots: Shots) -> Sequence[ProgramAnswer]:
        self.calls.append(len(programs))
        turn_rad = 0.5 if self.limits.plane_turns else self.mistakes.plane_rad
        turn = np.exp(1j * self._noise.normal() * turn_rad) if turn_rad else 1.0
        taken = as_taken(shots, self.mistakes)
        answers = [self._answer(program, taken, turn) for program in programs]
        return [answers[place] for place in answer_order(programs, self.mistakes)]

    def _answer(self, program: Program, shots: Shots, turn: complex) -> ProgramAnswer:
        self._require_possible(program)
        draws = draws_of(self.mistakes)
        found = {}
        for qid in dict.fromkeys(one.qid for one in program.readouts):
            readouts = [one for one in program.readouts if one.qid == qid]
            read = [self._read_once(qid, one, program, draws, shots, turn) for one in readouts]
            found[qid] = together(read)
        return ProgramAnswer(iq=found)

    def _read_once(
        self, qid: str, readout: Readout, program: Program, draws: int, shots: Shots, turn: complex
    ) -> IQ:
        before = [play for play in program.plays if play.start_ns < readout.start_ns]
        played = [as_played(before, self.mistakes, self.settings, draw=draw) for draw in range(draws)]
        ends_ns = [play.end_ns for play in before if play.line == qid and play.toward is None]
        rest_ns = played_gap_ns(readout.start_ns - max(ends_ns), self.mistakes) if ends_ns else 0.0
        shares = np.mean([self._shares(qid, one, rest_ns, shots) for one in played], axis=0)
        levels = (self.qubits.zero + self.qubits.distance * np.array([0.0, 1.0, 1.6])) * turn
        turns = 1e-3 * self.mistakes.readout_mhz * readout.start_ns
        return self._read(levels * np.exp(2j * np.pi * turns), shares, shots)

    def _read(self, levels: Any, shares: Any, shots: Shots) -> IQ:
        taken = -(-shots.count // self.mistakes.copies)
        counts = self._noise.multinomial(taken, shares / shares.sum())
        if shots.keep == "each":
            noise = self._noise.normal(size=(2, taken)) * self.qubits.noise
            own = self._noise.permutation(np.repeat(levels, counts)) + noise[0] + 1j * noise[1]
            each = np.repeat(own, self.mistakes.copies)[: shots.count]
            return IQ(each.mean(keepdims=True), each[:, None])
        found = counts / taken
        both = np.stack([levels.real, levels.imag])
        off = both - (both @ found)[:, None]
        covariance = ((off * found) @ off.T + np.eye(2) * self.qubits.noise**2) / shots.count
        mean = found @ levels + self._noise.normal(size=2) @ [1, 1j] * self.qubits.noise / taken**0.5
        return IQ(np.array([mean]), covariance=covariance[None])

    def _require_possible(self, program: Program) -> None:
        times = [(play.line, time_ns) for play in program.plays for time_ns in (play.start_ns, play.end_ns)]
        for line, time_ns in times:
            require_on_grid(time_ns, self.limits.line(line).start_ns)
        for readout in program.readouts:
            require_on_grid(readout.start_ns, self.limits.readout.start_ns)

    def _shares(self, qid: str, plays: Sequence[Play], rest_ns: float, shots: Shots) -> Any:
        """Return the populations of the levels, shape (3,), of many consecutive shots, which idle after the
        plays.
        """
        times = {"t1_us": self.qubits.t1_us, "t2_us": self.qubits.t2_us}
        total, now_ns = np.eye(9, dtype=complex), 0.0
        for play in plays:
            if qid == play.toward or (qid == play.line and play.toward is None):
                total = waited(round(play.start_ns - now_ns, 6), **times) @ total
                now_ns = play.end_ns
                tone = play.toward is not None
                total = (
                    pulsed(
                        play.waveform,
                        _RABI_GHZ * play.amplitude * (_CROSS if tone else 1.0),
                        play.frequency_ghz - self.true_ghz[qid],
                        phase_rad=play.phase_rad + (_CROSS_RAD if tone else 0.0),
                        start_ns=play.start_ns,
                        **times,
                    )
                    @ total
                )
        total = waited(round(rest_ns, 6), **times) @ total
        passive = shots.interval_us if shots.reset == "passive" else None
        return in_one_shot_of_many(total, interval_us=passive, t1_us=self.qubits.t1_us)


def together(readouts: Sequence[IQ]) -> IQ:
    """Return several readouts of one qubit, combined into one."""
    each = [one.each for one in readouts if one.each is not None]
    covariance = [one.covariance for one in readouts if one.covariance is not None]
    return IQ(
        np.concatenate([one.mean for one in readouts]),
        np.concatenate(each, axis=1) if each else None,
        np.concatenate(covariance) if covariance else None,
    )
