"""Playback of programs: few calls, failures reported per qubit, all points in one IQ plane.

If the plane rotates between calls, each call also reads |0> of its qubits, as often as the square root of the number of
programs, and its points are rotated to the plane of the first call. The error of the angle is added to their noise.
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
class ProgramGroup:
    """Group of programs, each played in a number of blocks with these shots."""

    programs: tuple[Program, ...]
    shots: Shots
    blocks: int

    def divide_into_calls(self, limits: Limits, *, referenced: bool) -> list[tuple[int, ...]]:
        """Divide the programs, with all repetitions, into calls; return the indices of each call."""
        most = limits.most_programs(self.shots.keep)
        if referenced and most is not None:
            room = most - self.count_references(most)
            if room < 1:
                kept = "every shot kept" if self.shots.keep == "each" else "the mean kept"
                raise InvalidInputError(
                    f"the IQ plane rotates between calls, and a call takes {most} programs with {kept}, which leaves no room for a reference"
                )
            most = room
        return divide_into_calls(
            self.programs * self.blocks, most=most, frequencies_change=limits.frequencies_change
        )

    def count_references(self, programs: int) -> int:
        """Return the number of |0> references in a call of that many programs: two or more if blocks give the noise."""
        return max(1 if self.blocks == 1 else 2, math.isqrt(programs))


class Point(NamedTuple):
    """Result of one program: reading or failure of each qubit, and start time."""

    read: Read
    began_s: float | None


@dataclass(slots=True)
class ProgramPlayer:
    """Player of the programs of one laboratory call.

    `perform` plays programs in one call, exactly as given; `who` names the laboratory in messages; `earlier` holds the
    answers of its last call, which must not repeat.
    """

    perform: Callable[[Sequence[Program], Shots], Sequence[ProgramAnswer]]
    who: str
    settings: Mapping[str, Settings]
    limits: Limits
    earlier: EarlierAnswers = field(default_factory=EarlierAnswers)
    _planes: dict[str, Reading] = field(default_factory=dict, init=False)
    _calls: int = field(default=0, init=False)

    def play(self, groups: Sequence[ProgramGroup]) -> list[list[Point] | Exception]:
        """Play all groups; return the results of each, or its exception. Touches hardware."""
        calls = [group.divide_into_calls(self.limits, referenced=False) for group in groups]
        referenced = self.limits.plane_turns and sum(len(those) for those in calls) > 1
        return [self._play_group(group, referenced=referenced) for group in groups]

    def _play_group(self, group: ProgramGroup, *, referenced: bool) -> list[Point] | Exception:
        blocks: list[list[Point]] = [[] for _ in group.programs]
        try:
            for numbers in group.divide_into_calls(self.limits, referenced=referenced):
                programs = [group.programs[number % len(group.programs)] for number in numbers]
                points = self._play_call(group, programs, referenced=referenced)
                for number, point in zip(numbers, points, strict=True):
                    blocks[number % len(group.programs)].append(point)
        except Exception as error:  # noqa: BLE001  the border between one group and the others
            return error
        return [_combine_blocks(points) for points in blocks]

    def _play_call(
        self, group: ProgramGroup, programs: Sequence[Program], *, referenced: bool
    ) -> list[Point]:
        if not referenced:
            return self._read(programs, group.shots)
        reference = self._make_reference(programs)
        count = group.count_references(len(programs))
        points = self._read([*[reference] * count, *programs], group.shots)
        return self._rotate_to_first_plane(_combine_blocks(points[:count]).read, points[count:])

    def _make_reference(self, programs: Sequence[Program]) -> Program:
        """Return the program that reads |0> of all qubits, at the call's frequency if frequencies cannot change."""
        in_call_ghz = {one.qid: one.frequency_ghz for program in programs for one in program.readouts}
        usual = Timeline(self.settings, self.limits).read(*in_call_ghz)
        if self.limits.frequencies_change:
            return usual
        return Program((), tuple(replace(one, frequency_ghz=in_call_ghz[one.qid]) for one in usual.readouts))

    def _rotate_to_first_plane(self, references: Read, points: Sequence[Point]) -> list[Point]:
        return [
            Point(
                {qid: self._rotate_reading(qid, one, references.get(qid)) for qid, one in point.read.items()},
                point.began_s,
            )
            for point in points
        ]

    def _rotate_reading(
        self, qid: str, reading: Reading | BackendError, reference: Reading | BackendError | None
    ) -> Reading | BackendError:
        if reference is None or isinstance(reading, BackendError):
            return reading
        if isinstance(reference, BackendError):
            return reference
        angle_rad, variance = estimate_angle(reference, self._planes.setdefault(qid, reference))
        return reading.rotate(angle_rad, variance, call=self._calls)

    def _call_adapter(self, programs: Sequence[Program], shots: Shots) -> Sequence[ProgramAnswer]:
        """Play programs; report an exception from outside QDash with the line of the adapter that raised it."""
        try:
            return self.perform(programs, shots)
        except QDashError:
            raise
        except Exception as error:
            what = describe_error(error, module=self.perform.__module__)
            raise BackendError(f"{self.who}.play raised {what}") from error

    def _read(self, programs: Sequence[Program], shots: Shots) -> list[Point]:
        """Play programs in one call and validate the answers."""
        answers = self._call_adapter(programs, shots)
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
            points.append(Point(_extract_readings(answer, program, shots, where=where), answer.began_s))
        return points


def _extract_readings(answer: ProgramAnswer, program: Program, shots: Shots, *, where: str) -> Read:
    """Return the reading of every qubit that is read, and the error of every line that failed."""
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
    """Combine the blocks of one program, with the start time of the first."""
    read: Read = {}
    for qid in {qid: None for block in blocks for qid in block.read}:
        every = [block.read[qid] for block in blocks if qid in block.read]
        failed = next((one for one in every if isinstance(one, BackendError)), None)
        read[qid] = failed or pool_blocks([one for one in every if not isinstance(one, BackendError)])
    return Point(read, blocks[0].began_s)
