"""View models of `qdash store backup`, `restore`, `verify` and `recover`."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Self

from qdash_builtin.home.views.doctor import CheckDocument
from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.models.base import UtcDatetime

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from qdash_builtin.home.backup_checks import BackupStatus
    from qdash_builtin.home.backups.creation import CreatedBackup
    from qdash_builtin.home.backups.manifest import Manifest
    from qdash_builtin.home.backups.restoration import RestorationResult
    from qdash_builtin.home.backups.salvage import SalvageCounts
    from qdash_core.models.health_findings import HealthFinding


class BackupDocument(Document):
    """The contents of a backup, and the damage found in it or in its sources."""

    backup: str
    made_at: datetime
    documents: dict[str, int]
    """Number of documents by collection."""
    files: int
    bytes: int
    """Size of the raw data."""
    missing: list[str]
    """Files named by results that did not exist when the backup was made."""
    altered: list[str]
    """Files that differed from what had been written when the backup was made."""
    problems: list[str]
    """Damaged members of the backup, or `headers, manifest or padding`."""
    chip_files: int
    """Number of files below the home in which backends keep chip data."""
    left_out: list[str]
    """Chip data of backends that the backup does not contain, described in words."""
    removed: OmitEmpty[list[str]] = None
    """Names of older backups that were removed."""
    freed_bytes: OmitEmpty[int] = None
    """Size of the removed backups, with the raw data that only they used."""
    unreadable: OmitEmpty[list[str]] = None
    """Names of damaged backups in the folder. While there are some, no raw data are removed from it."""

    @property
    def is_whole(self) -> bool:
        """True if the backup holds all data of the store, unchanged."""
        return not (self.missing or self.altered or self.problems)

    @classmethod
    def from_manifest(
        cls, place: Path, manifest: Manifest, problems: Iterable[str] = (), **fields: object
    ) -> Self:
        """Return the view model of a backup."""
        return cls.from_record(
            manifest,
            backup=str(place),
            files=len(manifest.files),
            bytes=sum(file.size for file in manifest.files.values()),
            problems=list(problems),
            chip_files=len(manifest.chip_files),
            **fields,
        )

    @classmethod
    def from_creation(cls, made: CreatedBackup) -> Self:
        """Return the view model of a new backup."""
        removal = made.removal
        return cls.from_manifest(
            made.file,
            made.manifest,
            removed=removal.removed,
            freed_bytes=removal.freed_bytes,
            unreadable=removal.unreadable,
        )


class BackupStatusDocument(Document):
    """The last complete backup of the store."""

    made_at: UtcDatetime | None = None
    """Absent if no complete backup was made."""
    file: str | None = None
    """Name of the backup in its folder."""
    host: str | None = None
    """Machine on which it was made, or on which the store was restored from it."""
    restored: bool = False
    """True if the store was restored from it, and no other was made since."""
    age_s: float | None = None
    """Age in seconds."""
    overdue: bool
    """True if it is older than a week; without a backup, if the store is older than a week and has executions."""

    @classmethod
    def from_status(cls, status: BackupStatus) -> Self:
        """Return the view model of the last backup."""
        last = status.last
        if last is None:
            return cls(overdue=status.overdue)
        name = PurePath(last.file).name
        return cls(
            made_at=last.made_at,
            file=name,
            host=last.host,
            restored=last.restored,
            age_s=status.age_s,
            overdue=status.overdue,
        )


class RestoreDocument(Document):
    """The restored data, and the findings of a check of the whole store."""

    backup: str
    made_at: datetime
    documents: int
    files: int
    """Number of files written, without those that existed already."""
    interrupted: list[str]
    """Executions that were running and are now recorded as ended by a crash."""
    held: list[str]
    """Executions that waited for a worker and are now held in the queue."""
    left_out: list[str]
    """Files that are damaged in the backup."""
    checks: list[CheckDocument]
    chip_files: int
    stayed: list[str]
    """Existing chip files that differ from the backup and were kept."""

    @classmethod
    def from_manifest(
        cls, place: Path, manifest: Manifest, restored: RestorationResult, findings: Iterable[HealthFinding]
    ) -> Self:
        """Return the view model of a restoration."""
        return cls.from_record(restored, backup=str(place), made_at=manifest.made_at, checks=list(findings))


class SalvagedDocument(Document):
    """Numbers of saved and lost documents of one collection of a damaged store."""

    saved: int
    lost: int
    """Known losses; unreadable pages may hide more."""


class RecoveryDocument(Document):
    """The data that could be read from a damaged store."""

    file: str
    collections: dict[str, SalvagedDocument]

    @classmethod
    def from_salvage(cls, file: Path, found: Mapping[str, SalvageCounts]) -> Self:
        """Return the view model of the salvaged collections."""
        collections = {name: SalvagedDocument.from_record(one) for name, one in found.items()}
        return cls(file=str(file), collections=collections)
