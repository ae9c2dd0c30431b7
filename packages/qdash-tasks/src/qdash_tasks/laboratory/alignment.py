"""Alignment of the programs of several targets: all are read at the same time, none waits between its last
pulse and its readout.

Readout lines are often shared, and a tone that begins during the capture of another disturbs it. Playing a
whole program earlier or later changes nothing: nothing depends on it in the frame of its frequency.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_tasks.laboratory.grids import find_common_grid_ns, round_down, round_up
from qdash_tasks.laboratory.program import Program

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_tasks.laboratory.limits import Limits


def merge_programs(programs: Sequence[Program], limits: Limits) -> Program:
    """Merge programs on different lines into one, with the last readouts of all starting at the same time.

    Starts stay on the grids of `limits`. A program without readouts ends when the others are read.
    """
    if len(programs) == 1:
        return programs[0]
    moved = align_programs(programs, limits)
    return Program(
        tuple(play for program in moved for play in program.plays),
        tuple(readout for program in moved for readout in program.readouts),
    )


def align_programs(programs: Sequence[Program], limits: Limits) -> list[Program]:
    """Return programs whose last readouts all start at the same time; starts stay on their grids."""
    steps_ns = [_step_ns(program, limits) for program in programs]
    lasts_ns = [_read_ns(program, limits) for program in programs]
    read_ns = round_up(max(lasts_ns), find_common_grid_ns(*steps_ns))
    moved = zip(programs, lasts_ns, steps_ns, strict=True)
    return [_move_program(program, read_ns, last_ns, step_ns) for program, last_ns, step_ns in moved]


def _read_ns(program: Program, limits: Limits) -> float:
    """Return the start of the last readout of a program or, without readouts, its earliest possible start."""
    if program.readouts:
        return max(one.start_ns for one in program.readouts)
    return max((one.end_ns + limits.readout.guard_ns for one in program.plays), default=0.0)


def _step_ns(program: Program, limits: Limits) -> float:
    """Return the step by which a program can be moved with everything on its grid."""
    lines = {play.line for play in program.plays}
    return find_common_grid_ns(limits.readout.start_ns, *(limits.line(qid).start_ns for qid in lines))


def _move_program(program: Program, read_ns: float, last_ns: float, step_ns: float) -> Program:
    """Return a program that is read at a given time; the rest moves with it as its grid allows."""
    later_ns = round_down(read_ns - last_ns, step_ns)
    return Program(
        tuple(play.later(later_ns) for play in program.plays),
        tuple(
            one.at(read_ns if one.start_ns == last_ns else one.start_ns + later_ns)
            for one in program.readouts
        ),
    )
