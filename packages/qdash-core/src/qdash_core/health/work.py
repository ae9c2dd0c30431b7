"""Runs: whether some died, or wait for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.health.findings import Finding, several
from qdash_core.models.base import utc_now
from qdash_core.models.project import command_options
from qdash_core.record.outside import orphans
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from qdash_core.repositories.store import Store

_NAMED = 3


def runs_are_looked_after(store: Store) -> Finding:
    """Look for runs whose process died and that nobody has ended, and for runs that are held in the queue."""
    now = utc_now()
    with store.read() as snapshot:
        repositories = Repositories(snapshot)
        dead = [
            execution.execution_id + command_options(project.project_id)
            for project in repositories.projects.everything()
            for execution in orphans(repositories, project.project_id, now)
        ]
        queue = repositories.queue.everything()
    held = [entry.execution_id + command_options(entry.project_id) for entry in queue if entry.held]
    if dead or held:
        told = [f"{several(len(dead), dead[:_NAMED], 'run')} whose process died"] if dead else []
        told += [f"{several(len(held), held[:_NAMED], 'run')} held in the queue"] if held else []
        advice = (
            "qdash executions resume ID goes on with one that died; qdash queue list says why one is held"
        )
        return Finding("runs", "warning", ", ".join(told), advice)
    return Finding("runs", "ok", f"{len(queue)} waiting or running")
