"""Live processes that use a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.locks.liveness import is_live
from qdash_core.models.execution import ExecutionLockModel
from qdash_core.repositories.queue import PresenceRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from qdash_core.models.process_marks import ProcessMark
    from qdash_core.repositories.store import Snapshot


def list_live_marks(snapshot: Snapshot) -> list[ProcessMark]:
    """Return the locks and registrations in a store whose processes are alive, or may be."""
    repositories = Repositories(snapshot)
    locks = map(ExecutionLockModel.model_validate, snapshot.find("execution_lock", {}))
    return [mark for mark in (*locks, *repositories.of(PresenceRepository).list_all()) if is_live(mark)]
