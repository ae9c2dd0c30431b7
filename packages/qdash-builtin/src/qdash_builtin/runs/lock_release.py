"""Service for the release of instrument locks by users; a live run whose lock is released has failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.runs.affecting_locks import list_affecting
from qdash_core.access.checks import get_access
from qdash_core.errors import ConflictError, InvalidInputError, NotFoundError
from qdash_core.locks.service import LockStatus, assess_locks
from qdash_core.models.event_kinds import LOCK_RELEASED
from qdash_core.models.execution import EndReason, EventModel, ExecutionStatus
from qdash_core.models.project import ProjectRole
from qdash_core.models.task import TaskStatus
from qdash_core.process.clock import machine_now, utc_now
from qdash_core.record.external_transitions import end_results, end_unlocked
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.executions import EventRepository, ExecutionLockRepository, ExecutionRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from qdash_core.models.access import Access
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.runtime.runtime import Runtime

LONGEST_REASON = 500
"""Maximum number of characters of the reason of a release."""


class LockReleaseService:
    """Service for the release of the instrument locks of one store."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def release(
        self,
        access: Access,
        chip_id: str | None = None,
        *,
        execution_id: str | None = None,
        force: bool = False,
        reason: str = "",
    ) -> list[LockStatus]:
        """Remove and return the locks that block a chip or are held by runs of a project.

        Locks of other chips on boxes or modules, or on their chip, block only some runs on a chip of the same instrument.

        The run of a lock whose process may be alive is recorded as failed, with the user who released the lock and the reason;
        its process stops and writes nothing more. The run of a dead process is recorded as interrupted by the
        next run, as without the release.

        Parameters
        ----------
        chip_id : str or None
            None for all locks of the project's runs.
        execution_id : str or None
            Release only the lock of this execution, or None for all of them.

        Raises
        ------
        NotFoundError
            If there is neither a lock nor such a chip, or the execution holds none.
        ConflictError
            If the process of a lock may be alive and `force` is not set, or several live runs share the chip and one is
            another user's. The message names them. No lock is released.
        AccessDeniedError
            If the user does not own the project, and those of the holders. The message reveals nothing about it.
        """
        access.require(ProjectRole.OWNER)
        if len(reason) > LONGEST_REASON:
            raise InvalidInputError(f"the reason has {len(reason)} characters: at most {LONGEST_REASON} fit")
        reason = " ".join(reason.split())
        found = self._list_releasable(access, chip_id)
        if execution_id is not None:
            found = [one for one in found if one.lock.execution_id == execution_id]
            if not found:
                raise NotFoundError(f"execution {execution_id} holds no lock that could be released here")
        live = [one for one in found if one.locked]
        if live and not force:
            holders = " ".join(one.describe(self._runtime.zone, access.project_id) for one in live)
            raise ConflictError(
                f"{holders} The release of a lock stops its run and loses the measurements in progress; recorded "
                "results stay. Wait for the end of the run, cancel it, or release the lock with --force"
            )
        sharing = [one for one in live if one.lock.resources]
        if (
            chip_id is not None
            and len(sharing) > 1
            and any(one.username != access.username for one in sharing)
        ):
            holders = " ".join(one.describe(self._runtime.zone, access.project_id) for one in sharing)
            raise ConflictError(
                f"{holders} Choose one with --execution, as in `qdash lock release {chip_id} --execution "
                f"{sharing[0].lock.execution_id or 'ID'} --force`, or release all locks of the project's runs with --all --force"
            )
        return [one for one in found if self._remove(one, access.username, reason, force=force)]

    def _list_releasable(self, access: Access, chip_id: str | None) -> list[LockStatus]:
        if chip_id is None:
            found = self._runtime.locks.list_by_project(access.project_id)
        else:
            found = [
                one
                for one in list_affecting(self._runtime, access.project_id, chip_id)
                if (one.lock.project_id, one.lock.chip_id) == (access.project_id, chip_id)
                or one.lock.claim.excludes_other_chips
                or one.lock.scope == "project"
            ]
            if not found:  # a lock may outlive its chip; report a mistyped name
                Repositories(self._runtime.store).of(ChipRepository).require(access.project_id, chip_id)
        for holder in {one.lock.project_id for one in found}:
            get_access(self._runtime.store, access.username, holder, ProjectRole.OWNER)
        return found

    def _remove(self, status: LockStatus, username: str, reason: str, *, force: bool) -> bool:
        """Remove a lock if it still has the same holder, record the event, and end its run; return whether it was removed."""
        with self._runtime.store.transaction() as transaction:
            repositories = Repositories(transaction)
            lock = repositories.of(ExecutionLockRepository).get_held_by(status.lock.hold)
            if lock is None:
                return False
            (current,) = assess_locks(repositories, [lock], machine_now())
            if current.locked and not force:  # it has been renewed meanwhile
                return False
            repositories.of(ExecutionLockRepository).remove(lock.hold)
            repositories.of(EventRepository).append(_make_event(current, username, reason))
            execution = repositories.of(ExecutionRepository).find(lock.project_id, lock.execution_id)
            if (
                current.locked
                and execution is not None
                and execution.status is ExecutionStatus.RUNNING
                and execution.lease_owner == lock.owner
            ):
                self._end_run(repositories, execution, username, reason)
        return True

    def _end_run(
        self, repositories: Repositories, execution: ExecutionModel, username: str, cause: str
    ) -> None:
        """Record a run as failed, with the cause: running tasks have failed, waiting ones are cancelled."""
        now = utc_now()
        released = f"{username} released the instrument lock" + (f" ({cause})" if cause else "")
        end_results(repositories, execution, TaskStatus.FAILED, released, self._runtime.artifacts, now)
        message = f"{released}; `qdash executions resume {execution.id_with_options}` finishes the run"
        end_unlocked(repositories, execution, ExecutionStatus.FAILED, message, now, EndReason.LOCK_RELEASED)


def _make_event(status: LockStatus, username: str, reason: str) -> EventModel:
    lock = status.lock
    data = {
        "instrument": lock.instrument,
        "holder": str(status.holder),
        "username": username,
        **({"reason": reason} if reason else {}),
    }
    return EventModel(
        project_id=lock.project_id,
        kind=LOCK_RELEASED,
        chip_id=lock.chip_id,
        execution_id=lock.execution_id,
        data=data,
    )
