"""Batches of the programs of one laboratory call, and the requests that they belong to."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_tasks.laboratory.alignment import merge_programs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qdash_tasks.laboratory.compiled_request import Compiled
    from qdash_tasks.laboratory.limits import Limits
    from qdash_tasks.laboratory.program import Program
    from qdash_tasks.laboratory.request import Request


@dataclass(frozen=True, slots=True)
class CompiledEntry:
    """Compiled request of one target, as it is played; `place` is its position among those of the target."""

    target: str
    place: int
    request: Request
    compiled: Compiled

    def list_qids(self) -> tuple[str, ...]:
        """Return all qubits that the request reads or drives, also those that are not part of the answer."""
        read = {one.qid: None for program in self.compiled.programs for one in program.readouts}
        return tuple(read | {one.line: None for program in self.compiled.programs for one in program.plays})


@dataclass(frozen=True, slots=True)
class Batch:
    """Programs with the same number of shots, kept in the same way; targets at the same place and point are merged.

    `places` has the indices of the programs of its points, by target and place.
    """

    programs: tuple[Program, ...]
    places: Mapping[tuple[str, int], tuple[int, ...]]

    @classmethod
    def from_requests(cls, entries: Sequence[CompiledEntry], limits: Limits) -> Batch:
        """Merge the programs of different targets at the same place and point."""
        programs: list[Program] = []
        places: dict[tuple[str, int], list[int]] = {(one.target, one.place): [] for one in entries}
        for place in sorted({one.place for one in entries}):
            at_place = [one for one in entries if one.place == place]
            for point in range(max(len(one.compiled.programs) for one in at_place)):
                played = [one for one in at_place if point < len(one.compiled.programs)]
                for one in played:
                    places[one.target, place].append(len(programs))
                programs.append(merge_programs([one.compiled.programs[point] for one in played], limits))
        return cls(tuple(programs), {key: tuple(numbers) for key, numbers in places.items()})


def divide_into_calls(
    programs: Sequence[Program], *, most: int | None, frequencies_change: bool
) -> list[tuple[int, ...]]:
    """Divide programs into as few calls as possible; return the indices of each call.

    A call takes at most `most` programs, if not None. If generators and readouts may change frequencies within a call,
    neighbours go into different calls, so that an offset common to one call makes no step in a sweep.
    """
    if frequencies_change:
        count = 1 if most is None else math.ceil(len(programs) / most)
        return [tuple(range(first, len(programs), count)) for first in range(count if programs else 0)]
    calls: list[tuple[dict[object, float], list[int]]] = []
    for number, program in enumerate(programs):
        needed = dict(_iterate_frequencies(program))
        for frequencies, those in calls:
            has_room = most is None or len(those) < most
            if has_room and all(frequencies.get(key, value) == value for key, value in needed.items()):
                frequencies.update(needed)
                those.append(number)
                break
        else:
            calls.append((needed, [number]))
    return [tuple(those) for _, those in calls]


def _iterate_frequencies(program: Program) -> Iterator[tuple[object, float]]:
    """Yield every generator and readout of a program with its frequency."""
    for play in program.plays:
        yield (play.line, play.toward, play.transition), play.frequency_ghz
    for readout in program.readouts:
        yield readout.qid, readout.frequency_ghz
