"""What `qdash store backup`, `restore`, `verify` and `recover` show."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document
from qdash_core.documents.doctor import CheckDocument

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from qdash_core.backups.manifest import Manifest
    from qdash_core.backups.restoring import Restored
    from qdash_core.backups.salvaging import Salvaged
    from qdash_core.health.findings import Finding


class BackupDocument(Document):
    """A backup: what is in it, and what is wrong with it or with what it was made of."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "backup": "/backups/qdash-20261120-072501.tar",
                    "made_at": "2026-11-20T07:25:01Z",
                    "documents": {"project": 1, "task_result_history": 812},
                    "files": 640,
                    "bytes": 81_920_000,
                    "missing": [],
                    "altered": [],
                    "problems": [],
                    "chip_files": 1,
                    "left_out": [],
                }
            ]
        }
    )

    backup: str
    made_at: datetime
    documents: dict[str, int]
    """How many, by collection."""
    files: int
    bytes: int
    """Of raw data."""
    missing: list[str]
    """Files that results name and that were not there when it was made."""
    altered: list[str]
    """Files that were not what had been written when it was made."""
    problems: list[str]
    """Members of the backup that are not what was written, or `headers, manifest or padding`."""
    chip_files: int
    """Files below the home in which backends keep what they know of chips."""
    left_out: list[str]
    """What backends keep of chips and is not in it, in words."""

    @property
    def is_whole(self) -> bool:
        """Whether it holds everything that the store knew of, as it was written."""
        return not (self.missing or self.altered or self.problems)

    @classmethod
    def of(cls, place: Path, manifest: Manifest, problems: Iterable[str] = ()) -> Self:
        """Return the document of a backup."""
        return cls(
            backup=str(place),
            made_at=manifest.made_at,
            documents=manifest.documents,
            files=len(manifest.files),
            bytes=sum(file.size for file in manifest.files.values()),
            missing=manifest.missing,
            altered=manifest.altered,
            problems=list(problems),
            chip_files=len(manifest.chip_files),
            left_out=manifest.left_out,
        )


class RestoreDocument(Document):
    """What was restored, and what a look at all of it found."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "backup": "/backups/qdash-20261120-072501.tar",
                    "made_at": "2026-11-20T07:25:01Z",
                    "documents": 813,
                    "files": 640,
                    "interrupted": ["20261120-004"],
                    "held": [],
                    "left_out": [],
                    "checks": [
                        {
                            "name": "documents",
                            "status": "ok",
                            "detail": "813 are as they should be",
                            "advice": "",
                        }
                    ],
                    "chip_files": 1,
                    "stayed": [],
                }
            ]
        }
    )

    backup: str
    made_at: datetime
    documents: int
    files: int
    """Those that were there already are not among them."""
    interrupted: list[str]
    """Executions that were running, and have ended as after a crash."""
    held: list[str]
    """Executions that waited for a worker, and are held in the queue."""
    left_out: list[str]
    """Files that are broken in the backup."""
    checks: list[CheckDocument]
    chip_files: int
    stayed: list[str]
    """Files of chips that were there already, otherwise than in the backup, and stay."""

    @classmethod
    def of(cls, place: Path, manifest: Manifest, restored: Restored, findings: Iterable[Finding]) -> Self:
        """Return the document of what was restored."""
        return cls(
            backup=str(place),
            made_at=manifest.made_at,
            documents=restored.documents,
            files=restored.files,
            interrupted=restored.interrupted,
            held=restored.held,
            left_out=restored.left_out,
            checks=[CheckDocument.of(finding) for finding in findings],
            chip_files=restored.chip_files,
            stayed=restored.stayed,
        )


class SalvagedDocument(Document):
    """What became of a collection of a damaged store."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"saved": 812, "lost": 3}]})

    saved: int
    lost: int
    """Of which it is known; where pages cannot be read at all, there may be more."""


class RecoveryDocument(Document):
    """What could be read of a damaged store."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"file": "/home/lab/new.db", "collections": {"chip": {"saved": 1, "lost": 0}}}]
        }
    )

    file: str
    collections: dict[str, SalvagedDocument]

    @classmethod
    def of(cls, file: Path, found: Mapping[str, Salvaged]) -> Self:
        """Return the document of what was saved."""
        collections = {name: SalvagedDocument(saved=one.saved, lost=one.lost) for name, one in found.items()}
        return cls(file=str(file), collections=collections)
