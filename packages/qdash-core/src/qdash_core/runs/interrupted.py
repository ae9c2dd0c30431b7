"""Which runs were interrupted, and were not run anew since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.execution import EndReason, ExecutionStatus
from qdash_core.record.outside import interrupted_among
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from qdash_core.models.execution import ExecutionModel
    from qdash_core.repositories.store import Snapshot

_AT_ONCE = 20
"""So many executions of a chip are read at a time: what took the place of a run most often came soon after it."""


def interrupted_runs(snapshot: Snapshot, project_id: str, now: datetime) -> list[ExecutionModel]:
    """Return the executions whose process died, and in whose place no newer one has come, oldest first.

    Only those of which a runner was asked for count, on both sides. Read are those that failed or are running, and of each
    chip of theirs the newest ones, as many as it takes.
    """
    repositories = Repositories(snapshot)
    wanted = (ExecutionStatus.FAILED, ExecutionStatus.RUNNING)
    asked = [
        one
        for one in repositories.executions.newest_first(project_id, statuses=wanted)
        if one.request is not None
    ]
    dead = interrupted_among(repositories, asked, now)
    died = [one for one in asked if one.reason is EndReason.INTERRUPTED or one.execution_id in dead]
    newest = _newest_alike(repositories, project_id, died)
    return [one for one in reversed(died) if one.execution_id in newest]


def _newest_alike(repositories: Repositories, project_id: str, runs: Iterable[ExecutionModel]) -> set[str]:
    """Return the ids of the newest executions that are like one of these, one for each kind."""
    sought: dict[str, set[tuple[object, ...]]] = {}
    for run in runs:
        sought.setdefault(run.chip_id, set()).add(_kind(run))
    found: set[str] = set()
    for chip_id, kinds in sought.items():
        for one in repositories.executions.newest_first(project_id, chip_id=chip_id, at_once=_AT_ONCE):
            if one.request is not None and _kind(one) in kinds:
                kinds.discard(_kind(one))
                found.add(one.execution_id)
            if not kinds:
                break
    return found


def _kind(execution: ExecutionModel) -> tuple[object, ...]:
    """Return what two executions on a chip share of which the newer one takes the place of the older."""
    single = None if execution.request is None else execution.request.single
    return execution.name, single
