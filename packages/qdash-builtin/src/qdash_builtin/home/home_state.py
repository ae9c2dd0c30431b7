"""State of a home for programs that watch it, as Prometheus does."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_builtin.home.backup_checks import read_backup_status
from qdash_builtin.home.home import find_nearest_folder
from qdash_builtin.metrics.attention import read_attention
from qdash_core.models.execution import ExecutionStatus
from qdash_core.parsing.urls import find_folder
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import ChipRepository
from qdash_core.repositories.identity import ProjectMembershipRepository, ProjectRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from qdash_builtin.metrics.attention import Attention
    from qdash_builtin.metrics.judgement.reader import JudgementReader
    from qdash_core.models.targets import TargetKind
    from qdash_core.repositories.store import Snapshot, Store, StoreSize
    from qdash_core.settings import Settings


@dataclass(frozen=True, slots=True)
class ChipTargets:
    """Qubits or couplings of a chip, counted by status and fitness, and their values by trust and out of specification."""

    project_id: str
    chip_id: str
    kind: TargetKind
    attention: Attention


@dataclass(frozen=True, slots=True)
class Disk:
    """Disk that holds data of a home.

    Attributes
    ----------
    holds
        The first of `home`, `store`, `raw data` that is on it.
    size_bytes, free_bytes
        Its size, and the space that QDash can use, in bytes.
    """

    holds: str
    size_bytes: int
    free_bytes: int


@dataclass(frozen=True, slots=True)
class MonitoredState:
    """State of a home.

    Attributes
    ----------
    executions
        Number of recorded executions of all projects by status.
    targets
        Numbers of targets of the chips that the user may see.
    disks
        Disks of home, store and raw data that are on this machine.
    store_size
        Size of the store, or None if it is unknown.
    backup_age_s
        Age of the last complete backup in seconds, or None if none was made.
    """

    executions: Mapping[ExecutionStatus, int]
    targets: Sequence[ChipTargets]
    disks: Sequence[Disk]
    store_size: StoreSize | None
    backup_age_s: float | None


class MonitoringService:
    """Service that reads the state of a home."""

    def __init__(self, store: Store, settings: Settings, judgement_reader: JudgementReader) -> None:
        self._store, self._settings, self._judgement_reader = store, settings, judgement_reader

    def read(self, username: str) -> MonitoredState:
        """Return the state of the home, with the chips of the projects of a user."""
        with self._store.read() as snapshot:
            repositories = Repositories(snapshot)
            projects = [project.project_id for project in repositories.of(ProjectRepository).list_all()]
            memberships = repositories.of(ProjectMembershipRepository).list_by_user(username)
            mine = [one.project_id for one in memberships if one.status == "active"]
            executions = {
                status: sum(_count_executions(snapshot, project_id, status) for project_id in projects)
                for status in ExecutionStatus
            }
            reader = self._judgement_reader
            file = reader.read_file()
            targets = [
                ChipTargets(project_id, chip.chip_id, kind, attention)
                for project_id in mine
                for chip in repositories.of(ChipRepository).list_by_project(project_id)
                for kind, attention in read_attention(
                    repositories, project_id, chip.chip_id, reader, file
                ).items()
            ]
        size = self._store.measure_size()
        return MonitoredState(
            executions,
            targets,
            measure_disks(self._settings, size),
            size,
            read_backup_status(self._store, utc_now()).age_s,
        )


def measure_disks(settings: Settings, size: StoreSize | None) -> list[Disk]:
    """Return the disks of home, store and raw data, each once; those that cannot be read now are absent."""
    found: dict[int, Disk] = {}
    for holds, folder in _list_folders(settings, size):
        with suppress(OSError):
            nearest = find_nearest_folder(folder)
            usage = shutil.disk_usage(nearest)
            found.setdefault(nearest.stat().st_dev, Disk(holds, usage.total, usage.free))
    return list(found.values())


def _list_folders(settings: Settings, size: StoreSize | None) -> Iterator[tuple[str, Path]]:
    yield "home", settings.home
    if size is not None and size.folder is not None:
        yield "store", size.folder
    if (raw_data := find_folder(settings.artifacts_url)) is not None:
        yield "raw data", raw_data


def _count_executions(snapshot: Snapshot, project_id: str, status: ExecutionStatus) -> int:
    return snapshot.count("execution_history", {"project_id": project_id, "status": status})
