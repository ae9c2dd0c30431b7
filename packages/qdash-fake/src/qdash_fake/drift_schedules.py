"""Changes of a twin in laboratory time, as set by its options: drift, defects, timed faults, failing lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.targets import split_coupling
from qdash_fake.physics.defects import draw_defects
from qdash_fake.physics.drift import Drift
from qdash_fake.physics.faults import DeadLine, DeadReadout
from qdash_fake.timed_changes import CouplingFaultKind, QubitFaultKind, TimedChange

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qdash_fake.options import TwinOptions
    from qdash_fake.physics.chip import ChipTruth, QubitTruth
    from qdash_fake.physics.drift_schedule import CouplingSchedule, DriftSchedule


def build_drift_schedules(chip: ChipTruth, options: TwinOptions) -> dict[str, list[DriftSchedule]]:
    """Return the changes of each qubit of `chip`, in order; unchanging qubits are omitted."""
    found = {qid: _build_schedules(qubit, chip, options) for qid, qubit in chip.qubits.items()}
    return {qid: courses for qid, courses in found.items() if courses}


def build_coupling_schedules(chip: ChipTruth, options: TwinOptions) -> dict[str, list[CouplingSchedule]]:
    """Return the changes of each coupling of `chip`, in order; unchanging couplings are omitted."""
    found: dict[str, list[CouplingSchedule]] = {}
    for kind, fault in options.timed_faults:
        if isinstance(kind, CouplingFaultKind) and fault.target in chip.couplings:
            change = TimedChange(fault.target, kind, fault, chip)
            found.setdefault(fault.target, []).append(change)
    return found


def list_remarks(
    chip: ChipTruth, options: TwinOptions, clock: Callable[[str], float]
) -> Mapping[str, list[str]]:
    """Return remarks on qubits and couplings at a time: near defects, timed faults and dead lines.

    The chip may be the twin as drawn, or at any time; `clock` gives the laboratory time of a qubit in seconds.
    """
    said = {
        qid: [remark for course in courses for remark in course.remarks(clock(qid))]
        for qid, courses in build_drift_schedules(chip, options).items()
    }
    for coupling_id, changes in build_coupling_schedules(chip, options).items():
        clock_s = max(clock(qid) for qid in split_coupling(coupling_id))
        said[coupling_id] = [remark for change in changes for remark in change.remarks(clock_s)]
    return {qid: remarks for qid, remarks in said.items() if remarks}


def _build_schedules(qubit: QubitTruth, chip: ChipTruth, options: TwinOptions) -> list[DriftSchedule]:
    qid = qubit.qid
    found: list[DriftSchedule] = []
    if options.drift:
        found.append(Drift(qid, chip.seed, options.drift))
    if options.tls:
        defects = draw_defects(qubit, chip.seed, options.tls)
        found += [defects] if defects.near else []
    found += [
        TimedChange(qid, kind, fault, chip)
        for kind, fault in options.timed_faults
        if isinstance(kind, QubitFaultKind) and kind.concerns(fault, qid, chip.multiplexers)
    ]
    if qid in options.dead_line:
        found.append(DeadLine(options.dead_line[qid] * 3600))
    if qid in options.dead_readout:
        found.append(DeadReadout(options.dead_readout[qid] * 3600))
    return found
