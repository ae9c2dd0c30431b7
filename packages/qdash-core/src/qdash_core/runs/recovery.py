"""Recovery of runs whose worker or process has died."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from qdash_core.models.execution import EndReason, ExecutionStatus
from qdash_core.record.orphans import interrupted_among, is_interrupted, is_resumable
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.queue import QueueEntryModel
    from qdash_core.repositories.store import Snapshot


class OrphanState(Enum):
    """State of a run whose queue entry has lost its worker; an execution that has lost its process is in `record.orphans`."""

    ENDED = "it has ended"
    RESUMABLE = "it begins, or is resumed"
    RUNNING = "a process that the worker had started performs it still"


def orphan_state(repositories: Repositories, entry: QueueEntryModel, now: datetime) -> OrphanState:
    """Return the state of the run of an entry whose performer has died. Nothing is changed."""
    execution = repositories.executions.find(*entry.key)
    if execution is None:
        return OrphanState.ENDED
    if execution.status is ExecutionStatus.RUNNING:
        return OrphanState.RESUMABLE if is_interrupted(repositories, execution, now) else OrphanState.RUNNING
    return OrphanState.RESUMABLE if is_resumable(entry, execution, failed=True) else OrphanState.ENDED


_BATCH_SIZE = 20
"""Executions of a chip that are read at a time: the run that replaces another one mostly comes soon after it."""


def interrupted_runs(snapshot: Snapshot, project_id: str, now: datetime) -> list[ExecutionModel]:
    """Return the executions whose process died and that no newer execution replaces, oldest first.

    Only executions that were requested from a runner count, on both sides. Failed and running executions are read, and for
    each of their chips the newest executions, as many as necessary.
    """
    repositories = Repositories(snapshot)
    wanted = (ExecutionStatus.FAILED, ExecutionStatus.RUNNING)
    asked = [
        one
        for one in repositories.executions.newest_first(project_id, statuses=wanted)
        if one.request is not None
    ]
    lost = interrupted_among(repositories, asked, now)
    interrupted = [one for one in asked if one.reason is EndReason.INTERRUPTED or one.execution_id in lost]
    newest = _newest_alike(repositories, project_id, interrupted)
    return [one for one in reversed(interrupted) if one.execution_id in newest]


def _newest_alike(repositories: Repositories, project_id: str, runs: Iterable[ExecutionModel]) -> set[str]:
    """Return the ids of the newest executions of the same kinds as these, one for each kind."""
    sought: dict[str, set[tuple[object, ...]]] = {}
    for run in runs:
        sought.setdefault(run.chip_id, set()).add(_kind(run))
    found: set[str] = set()
    for chip_id, kinds in sought.items():
        for one in repositories.executions.newest_first(project_id, chip_id=chip_id, at_once=_BATCH_SIZE):
            if one.request is not None and _kind(one) in kinds:
                kinds.discard(_kind(one))
                found.add(one.execution_id)
            if not kinds:
                break
    return found


def _kind(execution: ExecutionModel) -> tuple[object, ...]:
    """Return the name and the single target, which two executions on a chip share if the newer one replaces the older."""
    single = None if execution.request is None else execution.request.single
    return execution.name, single
