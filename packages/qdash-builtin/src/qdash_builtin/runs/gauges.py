"""Gauges of runs and workers, for programs that watch a host."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from qdash_builtin.runs.feature import QUEUE, RUNS
from qdash_core.models.gauges import HostGauge
from qdash_core.record.orphans import list_orphans
from qdash_core.repositories.identity import ProjectRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_core.repositories.store import Store
    from qdash_core.runtime.application import QDash

_STATES = ("waiting", "running", "held")


def read_gauges(qdash: QDash, _username: str) -> Iterator[HostGauge]:
    """Yield the gauges of the runs of all projects, and of all workers."""
    found = Counter(str(status.state) for status in qdash.get(RUNS).queue.view.list_entries())
    yield HostGauge(
        "runs",
        "Runs of all projects that have not ended, by state; interrupted: of a dead process.",
        {(name,): found[name] for name in _STATES} | {("interrupted",): count_interrupted(qdash.store)},
        ("state",),
    )
    workers = len(qdash.get(QUEUE).list_workers())
    yield HostGauge("workers", "Live workers on all machines.", {(): workers})


def count_interrupted(store: Store) -> int:
    """Return the number of running executions of all projects whose process is dead."""
    with store.read() as snapshot:
        repositories = Repositories(snapshot)
        projects = repositories.of(ProjectRepository).list_all()
        return sum(len(list_orphans(repositories, one.project_id)) for one in projects)
