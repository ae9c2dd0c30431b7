"""Check for dead, held and unattended runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.hooks.health_checks import HealthCheck
from qdash_core.locks.presence import LiveProcesses
from qdash_core.models.health_findings import RESTORE, HealthFinding, count_with_examples
from qdash_core.models.project import make_command_options
from qdash_core.record.orphans import list_orphans
from qdash_core.repositories.identity import ProjectRepository
from qdash_core.repositories.queue import PresenceRepository, QueueRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_core.models.queue import PresenceModel, QueueEntryModel
    from qdash_core.repositories.store import Store

_NAMED = 3
_RESUME = "qdash executions resume ID resumes one that died; qdash queue list says why one is held"
_WORKER = "start a worker: `qdash worker`"


def check_unattended_runs(store: Store) -> HealthFinding:
    """Check for runs whose process died, runs held in the queue, and background runs without a worker."""
    with store.read() as snapshot:
        repositories = Repositories(snapshot)
        dead = [
            execution.execution_id + make_command_options(project.project_id)
            for project in repositories.of(ProjectRepository).list_all()
            for execution in list_orphans(repositories, project.project_id)
        ]
        queue = repositories.of(QueueRepository).list_all()
        presences = repositories.of(PresenceRepository).list_all()
    held = [_format_name(entry) for entry in queue if entry.held]
    left = _find_runs_without_worker(queue, presences)
    messages = [f"{count_with_examples(len(dead), dead[:_NAMED], 'run')} whose process died"] if dead else []
    messages += [f"{count_with_examples(len(held), held[:_NAMED], 'run')} held in the queue"] if held else []
    messages += (
        [f"{count_with_examples(len(left), left[:_NAMED], 'run')} left to a worker, and none lives"]
        if left
        else []
    )
    if messages:
        advice = ([_RESUME] if dead or held else []) + ([_WORKER] if left else [])
        return HealthFinding("runs", "warning", ", ".join(messages), "; ".join(advice))
    return HealthFinding("runs", "ok", f"{len(queue)} waiting or running")


def _find_runs_without_worker(
    queue: Iterable[QueueEntryModel], presences: Iterable[PresenceModel]
) -> list[str]:
    """Return the background runs that no process performs, if no worker is alive."""
    living = LiveProcesses().select_live(presences)
    if any(one.kind == "worker" for one in living.values()):
        return []
    return [
        _format_name(one) for one in queue if one.detached and not one.held and one.performer not in living
    ]


def _format_name(entry: QueueEntryModel) -> str:
    return entry.execution_id + make_command_options(entry.project_id)


CHECK = HealthCheck("runs", lambda home: check_unattended_runs(home.store), RESTORE, place=30)
