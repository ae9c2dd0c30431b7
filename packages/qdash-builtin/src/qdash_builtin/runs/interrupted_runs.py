"""Interrupted runs that a runner can resume, and runs that have ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.record_lookup.newest_executions import iter_newest
from qdash_core.models.execution import EndReason, ExecutionStatus
from qdash_core.record.orphans import find_interrupted
from qdash_core.repositories.executions import ExecutionRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from qdash_core.models.execution import ExecutionModel
    from qdash_core.repositories.store import Snapshot

_BATCH_SIZE = 20
"""Number of executions of a chip read at a time: a run is mostly repeated soon after its interruption."""


def list_interrupted_runs(snapshot: Snapshot, project_id: str) -> list[ExecutionModel]:
    """Return the interrupted executions that no newer execution repeats, oldest first.

    Only executions with a request count, as interrupted and as newer ones.
    """
    repositories = Repositories(snapshot)
    unfinished = (ExecutionStatus.FAILED, ExecutionStatus.RUNNING)
    requested = [
        one for one in iter_newest(repositories, project_id, statuses=unfinished) if one.request is not None
    ]
    lost = find_interrupted(repositories, requested)
    interrupted = [
        one for one in requested if one.reason is EndReason.INTERRUPTED or one.execution_id in lost
    ]
    newest = _find_newest_by_kind(repositories, project_id, interrupted)
    return [one for one in reversed(interrupted) if one.execution_id in newest]


def _find_newest_by_kind(
    repositories: Repositories, project_id: str, runs: Iterable[ExecutionModel]
) -> set[str]:
    """Return the ids of the newest executions of the same kinds, one for each kind."""
    kinds_of_chip: dict[str, set[tuple[object, ...]]] = {}
    for run in runs:
        kinds_of_chip.setdefault(run.chip_id, set()).add(_make_kind_key(run))
    found: set[str] = set()
    for chip_id, kinds in kinds_of_chip.items():
        for one in iter_newest(repositories, project_id, chip_id=chip_id, at_once=_BATCH_SIZE):
            if one.request is not None and _make_kind_key(one) in kinds:
                kinds.discard(_make_kind_key(one))
                found.add(one.execution_id)
            if not kinds:
                break
    return found


def _make_kind_key(execution: ExecutionModel) -> tuple[object, ...]:
    """Return the name and the single target of an execution; a newer one with the same key on the chip repeats it."""
    single = None if execution.request is None else execution.request.single
    return execution.name, single


def find_inactive(repositories: Repositories, project_id: str, execution_ids: Collection[str]) -> set[str]:
    """Return the executions among these ids that have ended, or whose process is not certainly alive."""
    if not execution_ids:
        return set()
    running = repositories.of(ExecutionRepository).list_by_status(project_id, ExecutionStatus.RUNNING)
    alive = {one.execution_id for one in running} - find_interrupted(repositories, running)
    return {*execution_ids} - alive
