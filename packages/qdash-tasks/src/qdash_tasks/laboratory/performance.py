"""Playback of programs in as few calls as the limits allow: failures per qubit, all points in one IQ plane.

If the plane rotates between calls, each call also reads |0> of its qubits, and its points are rotated to the
plane of the first call. The error of the angle is added to the noise of the points; since all points of a
call share it, |0> is read more than once: as often as the square root of the number of programs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from qdash_core.errors import BackendError, InvalidInputError, QDashError
from qdash_core.tasks.failures import describe_error
from qdash_tasks.laboratory.batch import divide_into_calls
from qdash_tasks.laboratory.earlier_answers import EarlierAnswers
from qdash_tasks.laboratory.program import Program, ProgramAnswer
from qdash_tasks.laboratory.readings import estimate_angle, extract_reading, pool_blocks
from qdash_tasks.laboratory.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_tasks.laboratory.limits import Limits
    from qdash_tasks.laboratory.readings import Reading
    from qdash_tasks.laboratory.settings import Settings
    from qdash_tasks.laboratory.shots import Shots

Read = dict[str, "Reading | BackendError"]


@dataclass(frozen=True, slots=True)
class Part:
    """Programs that are played with the same shots.

    Attributes
    ----------
    shots
        Shots of each block.
    blocks
        How often each program is played.
    """

    programs: tuple[Program, ...]
    shots: Shots
    blocks: int

    def calls(self, limits: Limits, *, referenced: bool) -> list[tuple[int, ...]]:
        """Return the indices of the programs of each call, all blocks in sequence."""
        most = limits.most_programs(self.shots.keep)
        if referenced and most is not None:
            room = most - self.references(most)
            if room < 1:
                kept = "every shot kept" if self.shots.keep == "each" else "the mean kept"
                raise InvalidInputError(
                    f"the IQ plane rotates between calls, and a call takes {most} programs with {kept}, which leaves no room for a reference"
                )
            most = room
        return divide_into_calls(
            self.programs * self.blocks, most=most, frequencies_change=limits.frequencies_change
        )

    def references(self, programs: int) -> int:
        """Return the number of |0> references in a call of `programs` programs; more than one if noise
        follows from scatter.
        """
        return max(1 if self.blocks == 1 else 2, math.isqrt(programs))


class Point(NamedTuple):
    """Result of one program by qubit that was read or failed to play, and its start time."""

    read: Read
    began_s: float | None


@dataclass(slots=True)
class Performance:
    """Player of the programs of one laboratory call.

    Parameters
    ----------
    perform
        Function that plays programs in one call, exactly as given.
    who
        Name of the laboratory, for messages.
    settings
        Settings in use, for the readout references.
    earlier
        Answers of the laboratory's last call, which must not repeat.
    """

    perform: Callable[[Sequence[Program], Shots], Sequence[ProgramAnswer]]
    who: str
    settings: Mapping[str, Settings]
    limits: Limits
    earlier: EarlierAnswers = field(default_factory=EarlierAnswers)
    _planes: dict[str, Reading] = field(default_factory=dict, init=False)
    _calls: int = field(default=0, init=False)

    def play(self, parts: Sequence[Part]) -> list[list[Point] | Exception]:
        """Play all parts; return the results of the programs of each part, or its exception. Touches
        hardware.
        """
        calls = [part.calls(self.limits, referenced=False) for part in parts]
        referenced = self.limits.plane_turns and sum(len(those) for those in calls) > 1
        return [self._played(part, referenced=referenced) for part in parts]

    def _played(self, part: Part, *, referenced: bool) -> list[Point] | Exception:
        blocks: list[list[Point]] = [[] for _ in part.programs]
        try:
            for numbers in part.calls(self.limits, referenced=referenced):
                programs = [part.programs[number % len(part.programs)] for number in numbers]
                points = self._in_one_call(part, programs, referenced=referenced)
                for number, point in zip(numbers, points, strict=True):
                    blocks[number % len(part.programs)].append(point)
        except Exception as error:  # noqa: BLE001  the border between one part and the others
            return error
        return [_combine_blocks(points) for points in blocks]

    def _in_one_call(self, part: Part, programs: Sequence[Program], *, referenced: bool) -> list[Point]:
        if not referenced:
            return self._read(programs, part.shots)
        reference = self._reference(programs)
        count = part.references(len(programs))
        points = self._read([*[reference] * count, *programs], part.shots)
        return self._in_first_plane(_combine_blocks(points[:count]).read, points[count:])

    def _reference(self, programs: Sequence[Program]) -> Program:
        """Return the program that reads |0> of all qubits of a call, at the call's frequency if frequencies
        cannot change.
        """
        in_call_ghz = {one.qid: one.frequency_ghz for program in programs for one in program.readouts}
        usual = Timeline(self.settings, self.limits).read(*in_call_ghz)
        if self.limits.frequencies_change:
            return usual
        return Program((), tuple(replace(one, frequency_ghz=in_call_ghz[one.qid]) for one in usual.readouts))

    def _in_first_plane(self, references: Read, points: Sequence[Point]) -> list[Point]:
        return [
            Point(
                {qid: self._turned(qid, one, references.get(qid)) for qid, one in point.read.items()},
                point.began_s,
            )
            for point in points
        ]

    def _turned(
        self, qid: str, reading: Reading | BackendError, reference: Reading | BackendError | None
    ) -> Reading | BackendError:
        if reference is None or isinstance(reading, BackendError):
            return reading
        if isinstance(reference, BackendError):
            return reference
        angle_rad, variance = estimate_angle(reference, self._planes.setdefault(qid, reference))
        return reading.turned(angle_rad, variance, call=self._calls)

    def _performed(self, programs: Sequence[Program], shots: Shots) -> Sequence[ProgramAnswer]:
        """Play programs; an exception that is not from QDash is reported with the line of the adapter that
        raised it.
        """
        try:
            return self.perform(programs, shots)
        except QDashError:
            raise
        except Exception as error:
            what = describe_error(error, module=self.perform.__module__)
            raise BackendError(f"{self.who}.play raised {what}") from error

    def _read(self, programs: Sequence[Program], shots: Shots) -> list[Point]:
        """Play programs in one call and validate the answers."""
        answers = self._performed(programs, shots)
        self._calls += 1
        if not isinstance(answers, Sequence) or len(answers) != len(programs):
            given = len(answers) if isinstance(answers, Sequence) else f"a {type(answers).__name__} of"
            raise BackendError(f"{self.who}.play returned {given} answers to {len(programs)} programs")
        self.earlier.require_new(programs, answers, who=self.who)
        points = []
        for number, (program, answer) in enumerate(zip(programs, answers, strict=True)):
            where = f"{self.who}.play, program {number + 1} of {len(programs)}"
            if not isinstance(answer, ProgramAnswer):
                raise BackendError(f"{where}: a {type(answer).__name__} instead of a ProgramAnswer")
            points.append(Point(_read_of(answer, program, shots, where=where), answer.began_s))
        return points


def _read_of(answer: ProgramAnswer, program: Program, shots: Shots, *, where: str) -> Read:
    """Return the reading of every qubit that is read, and the error of every line that failed to play."""
    read: Read = {}
    for qid in {one.qid: None for one in program.readouts}:
        try:
            read[qid] = extract_reading(answer, qid, program, shots, where=where)
        except Exception as error:  # noqa: BLE001  the border between one qubit and the others of its program
            read[qid] = BackendError(f"{where}: {qid}: invalid answer: {error}")
    failed = answer.failed if isinstance(answer.failed, Mapping) else {}
    for line in {one.line: None for one in program.plays}:
        if line in failed:
            read[line] = BackendError(f"{where}: {line}: {failed[line]}")
    return read


def _combine_blocks(blocks: Sequence[Point]) -> Point:
    """Return the combined blocks of one program, with the start time of the first."""
    read: Read = {}
    for qid in {qid: None for block in blocks for qid in block.read}:
        every = [block.read[qid] for block in blocks if qid in block.read]
        failed = next((one for one in every if isinstance(one, BackendError)), None)
        read[qid] = failed or pool_blocks([one for one in every if not isinstance(one, BackendError)])
    return Point(read, blocks[0].began_s)
