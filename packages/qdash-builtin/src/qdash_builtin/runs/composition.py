"""Services of runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.runs.feature import EXECUTIONS, RUNS

if TYPE_CHECKING:
    from qdash_builtin.runs.lock_release import LockReleaseService
    from qdash_builtin.runs.log_pages import LogService
    from qdash_builtin.runs.queries import ExecutionService
    from qdash_builtin.runs.queue_service import QueueService
    from qdash_builtin.runs.service import RunService
    from qdash_core.models.access import Access
    from qdash_core.record.events import EventService
    from qdash_core.runtime.application import QDash


def open_executions(qdash: QDash) -> ExecutionService:
    """Open the service for queries of executions."""
    from qdash_builtin.runs.queries import ExecutionService

    return ExecutionService(qdash.store, task_name=qdash.registry.task_name)


def open_events(qdash: QDash) -> EventService:
    """Open the service for events, in the order of their numbers."""
    from qdash_core.record.events import EventService

    return EventService(qdash.store)


def open_queue(qdash: QDash) -> QueueService:
    """Open the service for the queue of waiting and running runs."""
    from qdash_builtin.runs.queue_service import QueueService

    return QueueService(qdash, qdash.get(RUNS).queue)


def open_lock_release(qdash: QDash) -> LockReleaseService:
    """Open the service for the release of instrument locks."""
    from qdash_builtin.runs.lock_release import LockReleaseService

    return LockReleaseService(qdash)


def open_logs(qdash: QDash) -> LogService:
    """Open the service for the logs of runs."""
    from qdash_builtin.runs.log_pages import LogService

    return LogService(qdash.store)


def open_runs(qdash: QDash) -> RunService:
    """Open the service that submits, performs, follows and cancels runs."""
    from qdash_builtin.runs.service import RunService

    return RunService(qdash)


def get_runs(qdash: QDash) -> RunService:
    """Return the service of `RUNS`, which QDash needs."""
    return qdash.get(RUNS)


def find_cited_execution(qdash: QDash, access: Access, name: str) -> tuple[str, str] | None:
    """Return the id and a title of a cited execution."""
    execution = qdash.get(EXECUTIONS).get_header(access, name).execution
    if name != execution.execution_id:
        return None  # such as `last`, which is another one tomorrow
    return name, f"{execution.name} on {execution.chip_id}"


def find_cited_task(qdash: QDash, _access: Access, name: str) -> tuple[str, str]:
    """Return the name of a cited task, also as its title."""
    task = qdash.registry.any_task(name)
    return task.name, task.name
