"""The standing of a qubit or coupling: what a person decides about it, and says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError
from qdash_core.models.base import Note
from qdash_core.models.note import NoteScope
from qdash_core.models.targets import coupling_id, qubit_id

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_core.models.chip import CouplingModel, QubitModel, TargetStatus
    from qdash_core.repositories.chips import CouplingCalibrationRepository, QubitCalibrationRepository
    from qdash_core.repositories.repositories import Repositories


def decide(
    repositories: Repositories,
    project_id: str,
    chip_id: str,
    target_id: str,
    status: TargetStatus,
    content: str,
    *,
    username: str,
    now: datetime,
    today: str,
) -> QubitModel | CouplingModel:
    """Give a target the status that a person has decided on, with their note on why, its log and the copy of today, in a transaction.

    Raises
    ------
    NotFoundError, InvalidInputError, ConflictError
        If there is no such chip or target, the note is empty or too long, or what is taken back is not set aside.
    """
    if not content.strip():
        raise InvalidInputError(f"{target_id} of chip {chip_id}: say why, in a note")
    chip = repositories.chips.require(project_id, chip_id)
    targets: QubitCalibrationRepository | CouplingCalibrationRepository
    if "-" in target_id:
        targets, scope, qid = repositories.couplings, NoteScope.COUPLING, coupling_id(target_id)
    else:
        targets, scope, qid = repositories.qubits, NoteScope.QUBIT, qubit_id(target_id)
    known = targets.require(project_id, chip_id, qid)
    note = Note.written(content, username=username, before=known.note.changed_at, now=now)
    target = targets.decide(
        project_id, chip_id, qid, status, note, recorded_date=today, cooldown_id=chip.current_cooldown_id
    )
    repositories.note_events.log(note, project_id, scope, qid, chip_id=chip_id, extra={"status": status})
    return target
