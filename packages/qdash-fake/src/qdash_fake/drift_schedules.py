"""Changes of a twin in laboratory time, as set by its options: drift, defects, warm-ups, failing lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_fake.physics.defects import draw_defects
from qdash_fake.physics.drift import Drift
from qdash_fake.physics.faults import DeadLine, DeadReadout
from qdash_fake.physics.t1_falls import T1Fall
from qdash_fake.physics.warm_ups import WarmUp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qdash_fake.options import TwinOptions
    from qdash_fake.physics.chip import ChipTruth, QubitTruth
    from qdash_fake.physics.drift_schedule import DriftSchedule


def build_drift_schedules(chip: ChipTruth, options: TwinOptions) -> dict[str, list[DriftSchedule]]:
    """Return the changes of each qubit of `chip`, in order; unchanging qubits are omitted."""
    found = {qid: _build_schedules(qubit, chip.seed, options) for qid, qubit in chip.qubits.items()}
    return {qid: courses for qid, courses in found.items() if courses}


def list_remarks(
    chip: ChipTruth, options: TwinOptions, clock: Callable[[str], float]
) -> Mapping[str, list[str]]:
    """Return remarks on qubits at a time: near defects, falls of T1, warm-ups and dead lines.

    Parameters
    ----------
    chip
        Twin as drawn (`draw_chip`), or at any time.
    clock
        Laboratory time of a qubit, in seconds.
    """
    said = {
        qid: [remark for course in courses for remark in course.remarks(clock(qid))]
        for qid, courses in build_drift_schedules(chip, options).items()
    }
    return {qid: remarks for qid, remarks in said.items() if remarks}


def _build_schedules(qubit: QubitTruth, seed: int, options: TwinOptions) -> list[DriftSchedule]:
    qid = qubit.qid
    found: list[DriftSchedule] = []
    if options.drift:
        found.append(Drift(qid, seed, options.drift))
    if options.tls:
        defects = draw_defects(qubit, seed, options.tls)
        found += [defects] if defects.near else []
    found += [
        T1Fall(fall.factor, fall.from_h * 3600, fall.until_h * 3600)
        for fall in options.t1_falls
        if fall.qid == qid
    ]
    found += [
        WarmUp(warm.temperature_mk, warm.from_h * 3600, warm.until_h * 3600) for warm in options.warm_ups
    ]
    if qid in options.dead_line:
        found.append(DeadLine(options.dead_line[qid] * 3600))
    if qid in options.dead_readout:
        found.append(DeadReadout(options.dead_readout[qid] * 3600))
    return found
