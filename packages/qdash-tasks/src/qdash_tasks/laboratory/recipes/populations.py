"""Populations of |1> from programs of any length: references of |0> and X180 of the same call make a ruler in any IQ plane."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from qdash_core.errors import BackendError, InvalidInputError
from qdash_tasks.laboratory.limits import within
from qdash_tasks.laboratory.program import Program
from qdash_tasks.laboratory.recipes.finding import NotClear, NotPossible
from qdash_tasks.laboratory.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from qdash_tasks.laboratory.program import IQ, ProgramAnswer
    from qdash_tasks.laboratory.pulse_laboratory import PulseLaboratory
    from qdash_tasks.laboratory.shots import Keep, Shots

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]

_BLOCKS = 10
"""Parts of the shots where an instrument tells nothing about their scatter."""
_CLEAR = 10.0
"""Standard errors between |0> and X180, at least."""


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Mean points of programs in the plane of one call.

    Attributes
    ----------
    iq
        Complex, shape (programs,), a.u.
    covariance
        Of I and Q of each mean, shape (programs, 2, 2), a.u.²
    """

    iq: Complexes
    covariance: Floats

    def along(self, direction: complex) -> Floats:
        """Return the variance along a direction of unit length, shape (programs,)."""
        axis = np.array([direction.real, direction.imag])
        return np.asarray(np.einsum("i,nij,j->n", axis, self.covariance, axis))


@dataclass(frozen=True, slots=True, eq=False)
class Populations:
    """Share of |1>, 0 where |0> was read and 1 where X180 was, and its standard error, each shape (programs,)."""

    value: Floats
    error: Floats


def timeline(laboratory: PulseLaboratory) -> Timeline:
    """Return an empty program."""
    return Timeline(laboratory.settings, laboratory.limits)


def off_resonance(laboratory: PulseLaboratory, qid: str, off_mhz: float) -> float:
    """Return the frequency of a generator so far above the one in use, in GHz.

    Raises
    ------
    NotPossible
        If the line does not go there.
    """
    frequency_ghz = laboratory.settings[qid].drive_frequency_ghz + 1e-3 * off_mhz
    if not within(laboratory.limits.line(qid).frequencies_ghz, frequency_ghz):
        raise NotPossible(
            f"it needs a generator at {frequency_ghz:.6g} GHz, where the line of qubit {qid} does not go"
        )
    return frequency_ghz


def aligned(programs: Sequence[Program]) -> list[Program]:
    """Return programs that all read at the time of the latest readout: what depends on that time is common to all."""
    latest_ns = max(_readout_ns(program) for program in programs)
    return [_later(program, latest_ns - _readout_ns(program)) for program in programs]


def read_together(programs: Sequence[Program]) -> list[Program]:
    """Return programs that all read at the time of the latest readout, and play what they play when they did."""
    latest_ns = max(_readout_ns(program) for program in programs)
    return [
        Program(program.plays, tuple(replace(readout, start_ns=latest_ns) for readout in program.readouts))
        for program in programs
    ]


def _later(program: Program, ns: float) -> Program:
    """Return a program in which everything begins later."""
    return Program(
        tuple(replace(play, start_ns=play.start_ns + ns) for play in program.plays),
        tuple(replace(readout, start_ns=readout.start_ns + ns) for readout in program.readouts),
    )


def populations(
    laboratory: PulseLaboratory, qid: str, programs: Sequence[Program], shots: Shots
) -> Populations:
    """Play programs that read a qubit once, and references with them. Touches hardware.

    Raises
    ------
    NotClear
        If the references are hardly apart.
    NotPossible
        If the limits do not allow the programs.
    """
    nothing, flip = timeline(laboratory), timeline(laboratory)
    flip.pulse(qid, laboratory.settings[qid].x180)
    references = [nothing.read(qid), flip.read(qid)]
    found = points(laboratory, qid, aligned([*references, *programs]), shots)
    return _populations(qid, found)


def points(laboratory: PulseLaboratory, qid: str, programs: Sequence[Program], shots: Shots) -> Points:
    """Play programs that read a qubit once, in as few calls as possible. Touches hardware.

    The first program is one without pulses: where the plane turns between calls, each of them plays it again and is turned
    onto the first.
    """
    iq = np.zeros(len(programs), dtype=np.complex128)
    covariance = np.zeros((len(programs), 2, 2))
    zero: complex | None = None
    for numbers in _calls(laboratory, programs):
        asked = [0, *(number for number in numbers if number)]
        found = _called(laboratory, qid, [programs[number] for number in asked], shots)
        zero = found.iq[0] if zero is None else zero
        turn = zero / found.iq[0] if laboratory.limits.plane_turns else 1.0
        turn /= abs(turn)
        rotation = np.array([[np.real(turn), -np.imag(turn)], [np.imag(turn), np.real(turn)]])
        iq[asked] = found.iq * turn
        covariance[asked] = rotation @ found.covariance @ rotation.T
    return Points(iq, covariance)


def _populations(qid: str, found: Points) -> Populations:
    zero, axis = found.iq[0], found.iq[1] - found.iq[0]
    distance = abs(axis)
    variance = found.along(axis / distance) if distance else np.zeros(len(found.iq))
    if distance <= _CLEAR * np.sqrt(variance[:2].sum()):
        raise NotClear(
            f"|0> and X180 of qubit {qid} are {distance:.3g} apart with an error of {np.sqrt(variance[:2].sum()):.2g}: take "
            "more shots, or calibrate its readout and its pulses roughly"
        )
    value = np.real((found.iq[2:] - zero) / axis)
    squares = variance[2:] + (1 - value) ** 2 * variance[0] + value**2 * variance[1]
    return Populations(value, np.sqrt(squares) / distance)


def _called(laboratory: PulseLaboratory, qid: str, programs: Sequence[Program], shots: Shots) -> Points:
    """Play programs in one call, and see to it that their noise is known."""
    limits = laboratory.limits
    keep: Keep = "mean" if "mean" in limits.keeps else "each"
    asked = replace(shots, keep=keep)
    answers = _answers(laboratory, programs, asked)
    read = [_iq(answer, qid) for answer in answers]
    if all(one.covariance is not None or one.each is not None for one in read):
        return Points(np.array([one.mean[0] for one in read]), np.array([_covariance(one) for one in read]))
    blocks = _blocks(laboratory, qid, programs, shots)
    off = blocks - blocks.mean(axis=0)
    both = np.stack([off.real, off.imag], axis=-1)
    scatter = np.einsum("bni,bnj->nij", both, both) / (len(blocks) * (len(blocks) - 1))
    return Points(blocks.mean(axis=0), np.asarray(scatter))


def _blocks(laboratory: PulseLaboratory, qid: str, programs: Sequence[Program], shots: Shots) -> Complexes:
    """Return means of blocks of shots, shape (blocks, programs)."""
    part = replace(shots, count=max(shots.count // _BLOCKS, 1), keep="mean")
    answers = _answers(laboratory, [*programs] * _BLOCKS, part)
    means = np.array([_iq(answer, qid).mean[0] for answer in answers])
    return np.asarray(means.reshape(_BLOCKS, len(programs)))


def _answers(
    laboratory: PulseLaboratory, programs: Sequence[Program], shots: Shots
) -> Sequence[ProgramAnswer]:
    answers = laboratory.perform(programs, shots)
    if len(answers) != len(programs):
        raise BackendError(f"play gave {len(answers)} answers to {len(programs)} programs")
    return answers


def _iq(answer: ProgramAnswer, qid: str) -> IQ:
    if qid in answer.failed:
        raise BackendError(f"qubit {qid}: {answer.failed[qid]}")
    if qid not in answer.iq:
        raise BackendError(f"play gave no IQ of qubit {qid}, which was read")
    return answer.iq[qid]


def _covariance(iq: IQ) -> Floats:
    if iq.covariance is not None:
        return np.asarray(iq.covariance[0])
    if iq.each is None or len(iq.each) < 2:
        raise InvalidInputError("one shot tells nothing about its error: take at least two")
    return np.asarray(np.cov(iq.each[:, 0].real, iq.each[:, 0].imag) / len(iq.each))


def _calls(laboratory: PulseLaboratory, programs: Sequence[Program]) -> Iterator[list[int]]:
    """Yield the numbers of the programs of each call."""
    limits = laboratory.limits
    averaged = "mean" in limits.keeps
    most = limits.programs_a_call if averaged else limits.single_shot_programs_a_call
    groups: dict[tuple[float, ...], list[int]] = {(): list(range(len(programs)))}
    if not limits.frequencies_change:
        groups = {}
        for number, program in enumerate(programs):
            groups.setdefault(_frequencies(program), []).append(number)
    room = len(programs) if most is None else most - 1  # beside the program without pulses
    if room < 1:
        raise NotPossible("a call takes one program, and references have to be in it")
    for numbers in groups.values():
        for first in range(0, len(numbers), room):
            yield numbers[first : first + room]


def _frequencies(program: Program) -> tuple[float, ...]:
    """Return the frequencies of the generators of a program, each generator having one."""
    found: dict[tuple[str, str | None], float] = {}
    for play in program.plays:
        if found.setdefault((play.line, play.toward), play.frequency_ghz) != play.frequency_ghz:
            raise NotPossible(
                "it needs two frequencies of one generator in a call, and they cannot change here"
            )
    return tuple(sorted(found.values()))


def _readout_ns(program: Program) -> float:
    return program.readouts[0].start_ns
