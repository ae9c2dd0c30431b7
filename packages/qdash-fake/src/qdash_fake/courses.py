"""What happens to a twin in laboratory time: drift, defects and failing lines, as its options ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_fake.physics.defects import draw_defects
from qdash_fake.physics.drift import Drift
from qdash_fake.physics.faults import DeadLine, DeadReadout

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qdash_fake.options import TwinOptions
    from qdash_fake.physics.chip import ChipTruth, QubitTruth
    from qdash_fake.physics.course import Course


def courses_of(chip: ChipTruth, options: TwinOptions) -> dict[str, list[Course]]:
    """Return what happens to each qubit of `chip`, in order; a qubit to which nothing happens is left out."""
    found = {qid: _courses(qubit, chip.seed, options) for qid, qubit in chip.qubits.items()}
    return {qid: courses for qid, courses in found.items() if courses}


def remarks_of(
    chip: ChipTruth, options: TwinOptions, clock: Callable[[str], float]
) -> Mapping[str, list[str]]:
    """Return what a judge should know at a time, by qubit: which defect is near, which line is dead.

    Parameters
    ----------
    chip
        The twin as it was drawn (`draw_chip`), or at any time.
    clock
        Laboratory time of a qubit, in seconds.
    """
    said = {
        qid: [remark for course in courses for remark in course.remarks(clock(qid))]
        for qid, courses in courses_of(chip, options).items()
    }
    return {qid: remarks for qid, remarks in said.items() if remarks}


def _courses(qubit: QubitTruth, seed: int, options: TwinOptions) -> list[Course]:
    qid = qubit.qid
    found: list[Course] = []
    if options.drift:
        found.append(Drift(qid, seed, options.drift))
    if options.tls:
        defects = draw_defects(qubit, seed, options.tls)
        found += [defects] if defects.near else []
    if qid in options.dead_line:
        found.append(DeadLine(options.dead_line[qid] * 3600))
    if qid in options.dead_readout:
        found.append(DeadReadout(options.dead_readout[qid] * 3600))
    return found
