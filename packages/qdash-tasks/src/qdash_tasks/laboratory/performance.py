"""Programs played in as few calls as limits allow, and read: every failure that of one qubit, every point in one IQ plane.

Where the plane turns between calls, each call reads |0> of its qubits, too, and its points are turned to where that was in
the first call. The error of the angle goes into the noise of the points; since all points of a call share it, |0> is read
more than once: as often as is the root of the number of programs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from qdash_core.errors import BackendError, InvalidInputError, QDashError
from qdash_core.tasks.failures import described
from qdash_tasks.laboratory.batch import in_calls
from qdash_tasks.laboratory.earlier_answers import EarlierAnswers
from qdash_tasks.laboratory.program import Program, ProgramAnswer
from qdash_tasks.laboratory.readings import angle_from, pooled, reading_of
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
        Of each block.
    blocks
        How often each program is played.
    """

    programs: tuple[Program, ...]
    shots: Shots
    blocks: int

    def calls(self, limits: Limits, *, referenced: bool) -> list[tuple[int, ...]]:
        """Return which programs go into one call each, by number, all blocks after each other."""
        most = limits.most_programs(self.shots.keep)
        if referenced and most is not None:
            room = most - self.references(most)
            if room < 1:
                kept = "every shot kept" if self.shots.keep == "each" else "the mean kept"
                raise InvalidInputError(
                    f"the IQ plane turns between calls, and one takes {most} programs with {kept}: there is no room for a reference"
                )
            most = room
        return in_calls(self.programs * self.blocks, most=most, frequencies_change=limits.frequencies_change)

    def references(self, programs: int) -> int:
        """Return how often |0> is read in a call of so many programs; where noise follows from scatter, more than once."""
        return max(1 if self.blocks == 1 else 2, math.isqrt(programs))


class Point(NamedTuple):
    """What one program gave, by qubit that was read or could not be played on; and when it began."""

    read: Read
    began_s: float | None


@dataclass(slots=True)
class Performance:
    """Plays the programs of one call to a laboratory.

    Parameters
    ----------
    perform
        Plays programs in one call, as they are sent.
    who
        Name of the laboratory, for messages.
    settings
        In use, for what is read as a reference.
    earlier
        Answers of the last call of the laboratory, which must not come again.
    """

    perform: Callable[[Sequence[Program], Shots], Sequence[ProgramAnswer]]
    who: str
    settings: Mapping[str, Settings]
    limits: Limits
    earlier: EarlierAnswers = field(default_factory=EarlierAnswers)
    _planes: dict[str, Reading] = field(default_factory=dict, init=False)
    _calls: int = field(default=0, init=False)

    def play(self, parts: Sequence[Part]) -> list[list[Point] | Exception]:
        """Play all parts, and return of each what each of its programs gave, or how it failed. Touches hardware."""
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
        return [_together(points) for points in blocks]

    def _in_one_call(self, part: Part, programs: Sequence[Program], *, referenced: bool) -> list[Point]:
        if not referenced:
            return self._read(programs, part.shots)
        reference = self._reference(programs)
        count = part.references(len(programs))
        points = self._read([*[reference] * count, *programs], part.shots)
        return self._in_first_plane(_together(points[:count]).read, points[count:])

    def _reference(self, programs: Sequence[Program]) -> Program:
        """Return what reads |0> of all qubits that are read in a call; where frequencies are those of a call, at its own."""
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
        angle_rad, variance = angle_from(reference, self._planes.setdefault(qid, reference))
        return reading.turned(angle_rad, variance, call=self._calls)

    def _performed(self, programs: Sequence[Program], shots: Shots) -> Sequence[ProgramAnswer]:
        """Play programs; what is no error of QDash is told with the line of the adapter that raised it."""
        try:
            return self.perform(programs, shots)
        except QDashError:
            raise
        except Exception as error:
            what = described(error, module=self.perform.__module__)
            raise BackendError(f"{self.who}.play raised {what}") from error

    def _read(self, programs: Sequence[Program], shots: Shots) -> list[Point]:
        """Play programs in one call, and check what is answered."""
        answers = self._performed(programs, shots)
        self._calls += 1
        if not isinstance(answers, Sequence) or len(answers) != len(programs):
            given = len(answers) if isinstance(answers, Sequence) else f"a {type(answers).__name__} of"
            raise BackendError(f"{self.who}.play gave {given} answers to {len(programs)} programs")
        self.earlier.require_new(programs, answers, who=self.who)
        points = []
        for number, (program, answer) in enumerate(zip(programs, answers, strict=True)):
            where = f"{self.who}.play, program {number + 1} of {len(programs)}"
            if not isinstance(answer, ProgramAnswer):
                raise BackendError(f"{where}: a {type(answer).__name__} where a ProgramAnswer was asked for")
            points.append(Point(_read_of(answer, program, shots, where=where), answer.began_s))
        return points


def _read_of(answer: ProgramAnswer, program: Program, shots: Shots, *, where: str) -> Read:
    """Return what is said of every qubit that is read, and of every line that failed to play."""
    read: Read = {}
    for qid in {one.qid: None for one in program.readouts}:
        try:
            read[qid] = reading_of(answer, qid, program, shots, where=where)
        except Exception as error:  # noqa: BLE001  the border between one qubit and the others of its program
            read[qid] = BackendError(f"{where}: {qid}: what is answered cannot be read: {error}")
    failed = answer.failed if isinstance(answer.failed, Mapping) else {}
    for line in {one.line: None for one in program.plays}:
        if line in failed:
            read[line] = BackendError(f"{where}: {line}: {failed[line]}")
    return read


def _together(blocks: Sequence[Point]) -> Point:
    """Return what the blocks of one program gave together; it began when the first did."""
    read: Read = {}
    for qid in {qid: None for block in blocks for qid in block.read}:
        every = [block.read[qid] for block in blocks if qid in block.read]
        failed = next((one for one in every if isinstance(one, BackendError)), None)
        read[qid] = failed or pooled([one for one in every if not isinstance(one, BackendError)])
    return Point(read, blocks[0].began_s)
