"""Solution of a pulse program by groups of qubits, with crosstalk from neighbours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from qdash_core.errors import InvalidInputError
from qdash_fake.pulse_level.one_qubit import compute_final_state
from qdash_fake.pulse_level.several_qubits import solve_together
from qdash_fake.pulse_level.waves import make_wave

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from qdash_fake.physics.chip import ChipTruth, QubitTruth
    from qdash_fake.pulse_level.waves import Wave
    from qdash_tasks.laboratory.program import Play, Program, Readout

    Floats = NDArray[np.float64]

MOST_TOGETHER = 3
_SLACK_NS = 1e-6
_AUDIBLE = 0.03
"""Ratio of Rabi frequency to detuning above which a neighbour's drive is included; below it, populations change by < 0.001."""


class TransitionProbabilities(NamedTuple):
    """Transition probabilities of jointly solved qubits, up to each readout of a program.

    The first of the n qubits is the most significant in the order of basis states.

    Attributes
    ----------
    transitions
        Probabilities by the state at the start of the program or after the previous readout (rows) and the state at the
        readout (columns), shape (readouts, 2^n, 2^n).
    shift
        Additional signal at each readout in units of the distance between the centres, shape (readouts,).
    """

    qids: tuple[str, ...]
    transitions: Floats
    shift: Floats
    readouts: Mapping[str, Sequence[Readout]]


class _LinePlays(NamedTuple):
    """Pulses of one line, with the amplitude and frequency (GHz) of each different tone: long sequences repeat few."""

    plays: Sequence[Play]
    tones: frozenset[tuple[float, float]]

    @classmethod
    def of(cls, plays: Sequence[Play]) -> _LinePlays:
        return cls(
            plays,
            frozenset((abs(one.amplitude), one.frequency_ghz + one.waveform.sideband_ghz) for one in plays),
        )

    def until(self, end_ns: float) -> _LinePlays:
        return _LinePlays.of([one for one in self.plays if one.end_ns <= end_ns])

    def is_audible(self, qubit: QubitTruth, rabi_mhz: float) -> bool:
        return any(
            rabi_mhz * size > _AUDIBLE * abs(qubit.detuning_mhz(frequency_ghz))
            for size, frequency_ghz in self.tones
        )


class ProgramSolution(NamedTuple):
    """Transition probabilities of all qubits read by a program, and the failed qubits with reasons."""

    ends: Sequence[TransitionProbabilities]
    failed: Mapping[str, str]


def solve_program(chip: ChipTruth, program: Program) -> ProgramSolution:
    """Return the transition probabilities of the qubits that a program reads."""
    readouts: dict[str, list[Readout]] = {}
    for readout in program.readouts:
        readouts.setdefault(readout.qid, []).append(readout)
    by_line: dict[str, list[Play]] = {}
    for play in program.plays:
        by_line.setdefault(play.line, []).append(play)
    lines = {line: _LinePlays.of(plays) for line, plays in by_line.items()}
    ends: list[TransitionProbabilities] = []
    failed: dict[str, str] = {}
    for qids in _group_qubits(chip, program, readouts):
        mine = {qid: readouts[qid] for qid in qids if qid in readouts}
        if not mine:
            continue
        try:
            ends.append(
                _solve_alone(chip, qids[0], lines, mine)
                if len(qids) == 1
                else _solve_jointly(chip, qids, program, mine)
            )
        except InvalidInputError as error:
            failed.update(dict.fromkeys(mine, str(error)))
    return ProgramSolution(ends, failed)


def _group_qubits(
    chip: ChipTruth, program: Program, readouts: Mapping[str, Sequence[Readout]]
) -> list[tuple[str, ...]]:
    """Return groups of coupled driven qubits with the neighbours that are read; others are groups of their own."""
    driven = {play.line for play in program.plays} | {play.toward for play in program.plays if play.toward}
    left = [qid for qid in chip.qubits if qid in driven]
    beside = _find_read_qubits(readouts) - driven
    found: list[tuple[str, ...]] = []
    while left:
        group = {left[0]}
        while more := {one for qid in group for one in chip.neighbours[qid] if one in driven} - group:
            group |= more
        left = [qid for qid in left if qid not in group]
        # The state of a neighbour that is read shifts the frequency of a driven qubit.
        shifting = {one for qid in group for one in chip.neighbours[qid]} & beside
        if len(group | shifting) <= MOST_TOGETHER:
            group |= shifting
            beside -= shifting
        found.append(tuple(qid for qid in chip.qubits if qid in group))
    together = {qid for group in found for qid in group}
    return found + [(qid,) for qid in readouts if qid not in together]


def _find_read_qubits(readouts: Mapping[str, Sequence[Readout]]) -> set[str]:
    """Return the qubits that are read, if each is read once and all at the same time, else none."""
    starts_ns = [readout.start_ns for mine in readouts.values() for readout in mine]
    once = len(starts_ns) == len(readouts) and len(set(starts_ns)) == 1
    return set(readouts) if once else set()


def _solve_jointly(
    chip: ChipTruth, qids: tuple[str, ...], program: Program, readouts: Mapping[str, Sequence[Readout]]
) -> TransitionProbabilities:
    named = ", ".join(qids)
    if len(qids) > MOST_TOGETHER:
        raise InvalidInputError(
            f"qubits {named} are coupled and driven in one program: this twin simulates at most {MOST_TOGETHER} together"
        )
    starts_ns = {one.start_ns for mine in readouts.values() for one in mine}
    if len(starts_ns) > 1 or any(len(mine) > 1 for mine in readouts.values()):
        raise InvalidInputError(
            f"qubits {named} are coupled and driven in one program: read them once, at the same time"
        )
    until_ns = starts_ns.pop()
    plays = [play for play in program.plays if play.line in qids and play.start_ns < until_ns]
    if any(play.end_ns > until_ns + _SLACK_NS for play in plays):
        raise InvalidInputError(f"qubits {named} are read at {until_ns:g} ns, while a pulse on them lasts")
    found = solve_together(chip, qids, plays, dict.fromkeys(qids, until_ns))
    return TransitionProbabilities(qids, found[None], np.zeros(1), readouts)


def _solve_alone(
    chip: ChipTruth,
    qid: str,
    lines: Mapping[str, _LinePlays],
    readouts: Mapping[str, Sequence[Readout]],
) -> TransitionProbabilities:
    qubit, mine = chip.qubits[qid], readouts[qid]
    until_ns = [one.start_ns for one in mine]
    silent = _LinePlays.of(())
    own = lines.get(qid, silent)
    waves = [make_wave(play, qubit.drive.rabi_per_amplitude_mhz) for play in own.plays]
    for other, (heard, _) in qubit.crosstalk.items():
        waves += _select_audible(qubit, lines.get(other, silent), _compute_rabi_mhz(qubit, heard), until_ns)
    levels = compute_final_state(qubit, waves, until_ns)
    outcomes = np.stack([levels[..., 0], 1 - levels[..., 0]], axis=-1)
    return TransitionProbabilities(
        (qid,), outcomes, _compute_neighbour_signal(chip, qubit, own, until_ns), readouts
    )


def _compute_rabi_mhz(qubit: QubitTruth, heard: float) -> float:
    """Return the Rabi frequency (MHz) at full scale of a drive attenuated by `heard`."""
    return qubit.drive.rabi_per_amplitude_mhz * heard


def _select_audible(
    qubit: QubitTruth, line: _LinePlays, rabi_mhz: float, until_ns: Sequence[float]
) -> list[Wave]:
    """Return the waves from a neighbour's line, if one of them is strong enough for its detuning, else none."""
    if not line.is_audible(qubit, rabi_mhz):
        return []
    heard = line.until(until_ns[-1])
    return [make_wave(play, rabi_mhz) for play in heard.plays] if heard.is_audible(qubit, rabi_mhz) else []


def _compute_neighbour_signal(
    chip: ChipTruth, qubit: QubitTruth, own: _LinePlays, until_ns: Sequence[float]
) -> Floats:
    """Return the signal of neighbours excited by this qubit's drive, as in `physics.spectroscopy.line_shift`."""
    total = np.zeros(len(until_ns))
    for other, (heard, visibility) in qubit.crosstalk.items():
        neighbour = chip.qubits[other]
        waves = _select_audible(neighbour, own, _compute_rabi_mhz(qubit, heard), until_ns)
        if waves:
            drive = replace(neighbour.drive, extra_error=0.0, amplitude_spread=qubit.drive.amplitude_spread)
            neighbour = replace(neighbour, drive=drive)
            driven, left = (compute_final_state(neighbour, some, until_ns)[:, 0, 0] for some in (waves, []))
            total += visibility * (left - driven)
    return total
