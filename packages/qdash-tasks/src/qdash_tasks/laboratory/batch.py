"""The programs of one call to a laboratory: who asked for which of them, and which are played together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_tasks.laboratory.alignment import together

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qdash_tasks.laboratory.compiling import Compiled
    from qdash_tasks.laboratory.limits import Limits
    from qdash_tasks.laboratory.program import Program
    from qdash_tasks.laboratory.request import Request


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of one target, compiled.

    Attributes
    ----------
    place
        Of the request among those of its target.
    request
        As it is played.
    """

    target: str
    place: int
    request: Request
    compiled: Compiled

    def qids(self) -> tuple[str, ...]:
        """Return all qubits that are read or played on for it, whether their signals answer it or not."""
        read = {one.qid: None for program in self.compiled.programs for one in program.readouts}
        return tuple(read | {one.line: None for program in self.compiled.programs for one in program.plays})


@dataclass(frozen=True, slots=True)
class Batch:
    """Programs of which as many shots are taken and kept in the same way.

    Attributes
    ----------
    programs
        Those of the same place and point of different targets are one.
    places
        By target and place: which of the programs its points are.
    """

    programs: tuple[Program, ...]
    places: Mapping[tuple[str, int], tuple[int, ...]]

    @classmethod
    def of(cls, asked: Sequence[Asked], limits: Limits) -> Batch:
        """Put the programs of requests together, place by place and point by point."""
        programs: list[Program] = []
        places: dict[tuple[str, int], list[int]] = {(one.target, one.place): [] for one in asked}
        for place in sorted({one.place for one in asked}):
            here = [one for one in asked if one.place == place]
            for point in range(max(len(one.compiled.programs) for one in here)):
                played = [one for one in here if point < len(one.compiled.programs)]
                for one in played:
                    places[one.target, place].append(len(programs))
                programs.append(together([one.compiled.programs[point] for one in played], limits))
        return cls(tuple(programs), {key: tuple(numbers) for key, numbers in places.items()})


def in_calls(
    programs: Sequence[Program], *, most: int | None, frequencies_change: bool
) -> list[tuple[int, ...]]:
    """Return which programs go into one call each, by number: as few calls as possible.

    Where frequencies may change, neighbours go into different calls: what one call has in common is then no step in a sweep.

    Parameters
    ----------
    most
        Programs of one call; None: any number.
    frequencies_change
        Whether generators and readouts may change their frequencies within a call.
    """
    if frequencies_change:
        count = 1 if most is None else math.ceil(len(programs) / most)
        return [tuple(range(first, len(programs), count)) for first in range(count if programs else 0)]
    calls: list[tuple[dict[object, float], list[int]]] = []
    for number, program in enumerate(programs):
        needed = dict(_frequencies(program))
        for frequencies, those in calls:
            has_room = most is None or len(those) < most
            if has_room and all(frequencies.get(key, value) == value for key, value in needed.items()):
                frequencies.update(needed)
                those.append(number)
                break
        else:
            calls.append((needed, [number]))
    return [tuple(those) for _, those in calls]


def _frequencies(program: Program) -> Iterator[tuple[object, float]]:
    """Yield every generator and readout of a program with its frequency."""
    for play in program.plays:
        yield (play.line, play.toward, play.transition), play.frequency_ghz
    for readout in program.readouts:
        yield readout.qid, readout.frequency_ghz
