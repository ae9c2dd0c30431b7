"""Orphans: executions whose process has died, and queue entries whose worker has died."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from qdash_core.locks.liveness import Liveness, assess_liveness
from qdash_core.models.execution import EndReason, ExecutionStatus
from qdash_core.process.clock import machine_now
from qdash_core.repositories.executions import ExecutionLockRepository, ExecutionRepository

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from qdash_core.models.execution import ExecutionHead, ExecutionModel
    from qdash_core.models.process_marks import Mark
    from qdash_core.models.queue import QueueEntryModel
    from qdash_core.repositories.repositories import Repositories


def list_orphans(
    repositories: Repositories, project_id: str, gone: Collection[Mark] = ()
) -> list[ExecutionModel]:
    """Return the running executions of a project whose process is certainly dead.

    The process of an execution on another host may be alive until its lock was watched for its lifetime. `gone` has
    the marks of locks that were watched for their lifetime without a renewal.
    """
    running = repositories.of(ExecutionRepository).list_by_status(project_id, ExecutionStatus.RUNNING)
    holders = _assess_holders(repositories, running, gone)
    return [one for one in running if holders.get(one.execution_id) in (None, Liveness.DEAD)]


def find_interrupted(repositories: Repositories, executions: Iterable[ExecutionHead]) -> set[str]:
    """Return the ids of executions that are recorded as running and whose process is not certainly alive.

    These include more than `list_orphans`: a process on another host whose lock has expired may be alive.
    """
    running = [one for one in executions if one.status is ExecutionStatus.RUNNING]
    holders = _assess_holders(repositories, running)
    return {one.execution_id for one in running if holders.get(one.execution_id) is not Liveness.ALIVE}


def is_interrupted(repositories: Repositories, execution: ExecutionHead) -> bool:
    """Return whether an execution is recorded as running and its process is not certainly alive."""
    return bool(find_interrupted(repositories, [execution]))


def _assess_holders(
    repositories: Repositories,
    executions: Sequence[ExecutionHead],
    gone: Collection[Mark] = (),
) -> dict[str, Liveness]:
    """Return the liveness of the process that holds the lock of each execution; executions without a lock are absent."""
    now = machine_now()
    locks = repositories.of(ExecutionLockRepository).list_by_instruments(
        {one.instrument for one in executions}
    )
    held = {
        (one.instrument, one.owner): Liveness.DEAD if one.mark in gone else assess_liveness(one, now)
        for one in locks
    }
    return {
        one.execution_id: held[one.instrument, one.lease_owner]
        for one in executions
        if (one.instrument, one.lease_owner) in held
    }


def is_resumable(entry: QueueEntryModel, execution: ExecutionModel, *, failed: bool) -> bool:
    """Return whether a queued run without a performing process is performed again.

    `failed` is True if its worker died or could not start it, and False if the run has ended or was interrupted.
    """
    if execution.is_cancel_in_force or execution.status is ExecutionStatus.COMPLETED:
        return False
    if failed and len(execution.attempts) == entry.attempts:
        return True  # regardless of its status before it was queued
    return execution.status is ExecutionStatus.SCHEDULED or execution.reason is EndReason.INTERRUPTED


class OrphanState(Enum):
    """State of the run of a queue entry whose performer has died."""

    ENDED = "the run has ended"
    RESUMABLE = "the run starts, or is resumed"
    RUNNING = "a process that the worker had started still performs the run"


def assess_orphan(repositories: Repositories, entry: QueueEntryModel) -> OrphanState:
    """Return the state of the run of an entry whose performer has died."""
    execution = repositories.of(ExecutionRepository).find(*entry.key)
    if execution is None:
        return OrphanState.ENDED
    if execution.status is ExecutionStatus.RUNNING:
        return OrphanState.RESUMABLE if is_interrupted(repositories, execution) else OrphanState.RUNNING
    return OrphanState.RESUMABLE if is_resumable(entry, execution, failed=True) else OrphanState.ENDED
