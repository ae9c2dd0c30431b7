"""Alignment of the programs of several targets, so that all are read at the same time.

None waits between its last pulse and its readout. Readout lines are often shared, and a tone that begins during the
capture of another disturbs it. Playing a whole program earlier or later changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_tasks.laboratory.grids import find_common_grid_ns, round_down, round_up
from qdash_tasks.laboratory.program import Program

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_tasks.laboratory.limits import Limits


def merge_programs(programs: Sequence[Program], limits: Limits) -> Program:
    """Merge programs on different lines into one, in which the last readouts start at the same time.

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
    """Move programs so that their last readouts start at the same time, with all starts on their grids."""
    steps_ns = [_compute_step_ns(program, limits) for program in programs]
    lasts_ns = [_find_readout_ns(program, limits) for program in programs]
    read_ns = round_up(max(lasts_ns), find_common_grid_ns(*steps_ns))
    moved = zip(programs, lasts_ns, steps_ns, strict=True)
    return [_move_program(program, read_ns, last_ns, step_ns) for program, last_ns, step_ns in moved]


def _find_readout_ns(program: Program, limits: Limits) -> float:
    """Return the start of the last readout of a program, or the earliest possible one if it has none."""
    if program.readouts:
        return max(one.start_ns for one in program.readouts)
    return max((one.end_ns + limits.readout.guard_ns for one in program.plays), default=0.0)


def _compute_step_ns(program: Program, limits: Limits) -> float:
    """Return the smallest step by which a program can move with everything on its grid."""
    lines = {play.line for play in program.plays}
    return find_common_grid_ns(limits.readout.start_ns, *(limits.line(qid).start_ns for qid in lines))


def _move_program(program: Program, read_ns: float, last_ns: float, step_ns: float) -> Program:
    """Move the last readout of a program to `read_ns`, and everything else in steps of `step_ns`."""
    later_ns = round_down(read_ns - last_ns, step_ns)
    return Program(
        tuple(play.later(later_ns) for play in program.plays),
        tuple(
            one.at(read_ns if one.start_ns == last_ns else one.start_ns + later_ns)
            for one in program.readouts
        ),
    )
