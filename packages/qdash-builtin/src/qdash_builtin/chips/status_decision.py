"""Status of a target that a user decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import ConflictError
from qdash_core.models.chip import StatusBeneath
from qdash_core.models.targets import get_target_kind

if TYPE_CHECKING:
    from qdash_core.models.base import Note
    from qdash_core.models.chip import CouplingModel, QubitModel, TargetStatus


def decide_status(
    known: QubitModel | CouplingModel, status: TargetStatus, note: Note
) -> QubitModel | CouplingModel:
    """Return a target with the status chosen by a user and the note of the reason.

    A target that is taken back (`status` is pending) has the status, its time and its reason from before it was set aside.

    Raises
    ------
    ConflictError
        If the target to be taken back is not set aside.
    """
    if not (status.set_aside or known.status.set_aside):
        raise ConflictError(
            f"{get_target_kind(known.qid)} {known.qid} of chip {known.chip_id} is {known.status}: there is nothing to take back"
        )
    beneath = known.status_beneath
    if not known.status.set_aside:
        beneath = StatusBeneath(
            status=known.status, status_at=known.status_at, status_reason=known.status_reason
        )
    present = StatusBeneath(status=status, status_at=note.changed_at)
    if not status.set_aside:
        present, beneath = beneath or present, None
    return known.with_changes(
        **{name: getattr(present, name) for name in StatusBeneath.model_fields},
        status_beneath=beneath,
        note=note,
        now=note.changed_at,
    )
