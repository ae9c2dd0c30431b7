"""Orphans: executions that are recorded as running without a process.

An orphan here is an execution that has lost its process; the queue entry that has lost its worker is `runs.recovery.OrphanState`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.lease.liveness import Liveness, liveness
from qdash_core.models.execution import EndReason, ExecutionStatus

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from qdash_core.models.execution import ExecutionHead, ExecutionModel
    from qdash_core.models.marks import Mark
    from qdash_core.models.queue import QueueEntryModel
    from qdash_core.repositories.repositories import Repositories


def orphans(
    repositories: Repositories, project_id: str, now: datetime, gone: Collection[Mark] = ()
) -> list[ExecutionModel]:
    """Return the running executions of a project whose process is surely dead; one on another host may live.

    Parameters
    ----------
    gone : collection of Mark
        Leases that were watched for as long as they live without being renewed, as they were then.
    """
    running = repositories.executions.in_state(project_id, ExecutionStatus.RUNNING)
    holders = _holders(repositories, running, now, gone)
    return [one for one in running if holders.get(one.execution_id) in (None, Liveness.DEAD)]


def interrupted_among(
    repositories: Repositories, executions: Iterable[ExecutionHead], now: datetime
) -> set[str]:
    """Return the ids of those executions that are recorded as running and whose process is not surely alive.

    These are more than `orphans`: the process on another host whose lease has expired may live.
    """
    running = [one for one in executions if one.status is ExecutionStatus.RUNNING]
    holders = _holders(repositories, running, now)
    return {one.execution_id for one in running if holders.get(one.execution_id) is not Liveness.ALIVE}


def is_interrupted(repositories: Repositories, execution: ExecutionHead, now: datetime) -> bool:
    """Return whether an execution is recorded as running and its process is not surely alive."""
    return bool(interrupted_among(repositories, [execution], now))


def _holders(
    repositories: Repositories,
    executions: Sequence[ExecutionHead],
    now: datetime,
    gone: Collection[Mark] = (),
) -> dict[str, Liveness]:
    """Return whether the process that holds the lease of each execution lives; without those that nobody holds."""
    leases = repositories.locks.on_instruments({one.instrument for one in executions})
    held = {
        (one.instrument, one.owner): Liveness.DEAD if one.mark in gone else liveness(one, now)
        for one in leases
    }
    return {
        one.execution_id: held[one.instrument, one.lease_owner]
        for one in executions
        if (one.instrument, one.lease_owner) in held
    }


def is_resumable(entry: QueueEntryModel, execution: ExecutionModel, *, failed: bool) -> bool:
    """Return whether a queued run that no process performs any more is performed again.

    Parameters
    ----------
    failed : bool
        Whether its worker died, or could not begin it. False: the run has ended, or was let go.
    """
    if execution.cancel_stands or execution.status is ExecutionStatus.COMPLETED:
        return False
    if failed and len(execution.attempts) == entry.attempts:
        return True  # whatever its status was before it was queued
    return execution.status is ExecutionStatus.SCHEDULED or execution.reason is EndReason.INTERRUPTED
