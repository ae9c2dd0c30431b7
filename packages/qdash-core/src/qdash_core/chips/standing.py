"""The standing of a qubit or coupling: what a person decides about it, with the reason as its note."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.chips.ids import coupling_id, qubit_id
from qdash_core.errors import ConflictError, InvalidInputError, NotFoundError
from qdash_core.models.chip import TargetStatus
from qdash_core.models.note import NoteScope

if TYPE_CHECKING:
    from qdash_core.models.base import Note
    from qdash_core.models.chip import CouplingModel, QubitModel
    from qdash_core.repositories.chips import CouplingCalibrationRepository, QubitCalibrationRepository
    from qdash_core.repositories.repositories import Repositories


def decide(
    repositories: Repositories,
    project_id: str,
    chip_id: str,
    target_id: str,
    status: TargetStatus,
    note: Note,
    *,
    today: str,
) -> QubitModel | CouplingModel:
    """Give a target the status that a person has decided on, in a transaction: with note, log and the copy of today.

    Raises
    ------
    NotFoundError
        If there is no such chip or target.
    InvalidInputError
        If the note is empty.
    ConflictError
        If a target is taken back that is not set aside.
    """
    chip = repositories.chips.require(project_id, chip_id)
    targets: QubitCalibrationRepository | CouplingCalibrationRepository
    if "-" in target_id:
        targets, scope, qid = repositories.couplings, NoteScope.COUPLING, coupling_id(target_id)
    else:
        targets, scope, qid = repositories.qubits, NoteScope.QUBIT, qubit_id(target_id)
    if not note.content:
        raise InvalidInputError(f"{scope} {qid} of chip {chip_id}: say why, in a note")
    target = targets.find(project_id, chip_id, qid)
    if target is None:
        raise NotFoundError(f"chip {chip_id} has no {scope} {qid}")
    if not (status.set_aside or target.status.set_aside):
        raise ConflictError(f"{scope} {qid} of chip {chip_id} is {target.status}: there is nothing to take back")
    target.status, target.note = status, note
    target.updated_at = note.updated_at or target.updated_at
    targets.put(target)
    targets.record_day(target, today, chip.current_cooldown_id)
    repositories.note_events.log(note, project_id, scope, qid, chip_id=chip_id, extra={"status": status})
    return target
