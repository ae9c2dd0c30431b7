"""Age of the last complete backup of a store, and its check."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from qdash_core.hooks.health_checks import HealthCheck
from qdash_core.models.health_findings import RESTORE, HealthFinding
from qdash_core.models.project import DEFAULT_PROJECT, BackupRecord
from qdash_core.models.times import format_duration
from qdash_core.process.clock import read_simulated_clock, utc_now
from qdash_core.repositories.identity import ProjectRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_core.repositories.store import Store

LARGEST_AGE = timedelta(days=7)
"""Age of the last complete backup, or of a store without one, above which it is overdue."""
_MAKE = "make one with qdash store backup FOLDER, or regularly with qdash timetable add NAME --backup FOLDER --keep 14 --cron '0 4 * * *'"


@dataclass(frozen=True, slots=True)
class BackupStatus:
    """Last complete backup of a store, at a time.

    Parameters
    ----------
    last, age_s
        The backup and its age in seconds, or None if none was made.
    overdue : bool
        Whether the last backup is older than a week. Without a backup: whether the store is older than a week and has executions.
    """

    last: BackupRecord | None
    age_s: float | None
    overdue: bool

    def __str__(self) -> str:
        """Return the status in words."""
        if self.last is None or self.age_s is None:
            return "no complete backup was made"
        age = format_duration(self.age_s, whole=True)
        if self.last.restored:
            return f"restored from a backup that is {age} old, {self.last.file} on {self.last.host}; none was made since"
        return f"the last complete backup is {age} old: {self.last.file} on {self.last.host}"


def record_backup(store: Store, file: Path, made_at: datetime) -> None:
    """Record a complete backup in its store, unless a newer one is recorded."""
    made = _make_record(file, made_at)
    with store.transaction() as transaction:
        projects = Repositories(transaction).of(ProjectRepository)
        default = projects.find(DEFAULT_PROJECT)
        if default is None or (default.last_backup and default.last_backup.made_at > made.made_at):
            return
        projects.put(default.model_copy(update={"last_backup": made}))


def record_restored_backup(repositories: Repositories, file: Path, made_at: datetime) -> None:
    """Record the complete backup from which a store is restored: until the next one, it is the last of its data."""
    default = repositories.of(ProjectRepository).find(DEFAULT_PROJECT)
    if default is not None:
        restored = _make_record(file, made_at, restored=True)
        repositories.of(ProjectRepository).put(default.model_copy(update={"last_backup": restored}))


def _make_record(file: Path, made_at: datetime, *, restored: bool = False) -> BackupRecord:
    return BackupRecord(
        made_at=made_at, file=str(file.absolute()), host=socket.gethostname(), restored=restored
    )


def read_backup_status(store: Store, now: datetime) -> BackupStatus:
    """Return the last complete backup of a store, with its age at a time."""
    with store.read() as snapshot:
        default = Repositories(snapshot).of(ProjectRepository).find(DEFAULT_PROJECT)
        if default is None:
            return BackupStatus(None, None, overdue=False)
        last = default.last_backup
        if last is None:
            old = now - default.created_at > LARGEST_AGE
            return BackupStatus(None, None, overdue=old and snapshot.count("execution_history", {}) > 0)
    age = now - last.made_at
    return BackupStatus(last, max(0.0, age.total_seconds()), overdue=age > LARGEST_AGE)


def check_backups(store: Store, home: Path) -> HealthFinding:
    """Check that the last complete backup is not old, and that its file is there, if it was made on this machine."""
    status = read_backup_status(store, read_simulated_clock(home) or utc_now())
    last = status.last
    if last is not None and last.host == socket.gethostname() and not Path(last.file).exists():
        return HealthFinding("backups", "warning", f"{status}, which is no longer there", _MAKE)
    if status.overdue:
        return HealthFinding("backups", "warning", str(status), _MAKE)
    return HealthFinding("backups", "ok", str(status))


CHECK = HealthCheck("backups", lambda home: check_backups(home.store, home.settings.home), RESTORE, place=10)
