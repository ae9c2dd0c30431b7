"""Removal of old backups from a folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from qdash_builtin.home.backups.manifest import NAME_PATTERN
from qdash_builtin.home.backups.reader import open_backup
from qdash_core.artifacts.atomic import sync_folder
from qdash_core.errors import StoreError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from qdash_builtin.home.backups.manifest import Manifest
    from qdash_builtin.home.backups.raw_data_pool import RawDataPool


@dataclass(frozen=True, slots=True)
class RemovalResult:
    """Result of a removal of old backups.

    Parameters
    ----------
    removed : list of str
        Names of the removed backups, oldest first.
    freed_bytes : int
        Their size, with the raw data that only they used, in bytes.
    unreadable : list of str
        Names of backups that cannot be read. They stay, and raw data that they may use, too.
    """

    removed: list[str] = field(default_factory=list)
    freed_bytes: int = 0
    unreadable: list[str] = field(default_factory=list)


class _Summary(NamedTuple):
    """Data of a backup that decide on its removal: whole manifests of many backups may not fit into memory together."""

    made_at: datetime
    is_complete: bool
    file: Path


def remove_old_backups(pool: RawDataPool, *, keep: int, like: Manifest) -> RemovalResult:
    """Remove the backups of one store that are older than its newest complete ones; the caller has locked the pool.

    A backup with missing or altered raw data does not count, so that a damaged source does not replace good backups.

    Parameters
    ----------
    keep : int
        Number of complete backups to keep, at least 1.
    like : Manifest
        A backup of the store. Backups of other stores stay.
    """
    of_store: list[_Summary] = []
    unreadable: list[str] = []
    for file in sorted(pool.folder.glob(NAME_PATTERN)):
        try:
            with open_backup(file) as backup:
                manifest = backup.manifest
        except StoreError:
            unreadable.append(file.name)
            continue
        if (manifest.store_url, manifest.artifacts_url) == (like.store_url, like.artifacts_url):
            of_store.append(_Summary(manifest.made_at, manifest.is_complete, file))
    complete = sorted((one.made_at for one in of_store if one.is_complete), reverse=True)
    if len(complete) < keep:
        return RemovalResult(unreadable=unreadable)
    # The new one stays, also if the clock was set back.
    oldest = min(complete[keep - 1], like.made_at)
    old = sorted(one for one in of_store if one.made_at < oldest)
    if not old:
        return RemovalResult(unreadable=unreadable)
    freed = sum(one.file.stat().st_size for one in old)
    for one in old:  # before their raw data: a crash leaves no backup without these
        one.file.unlink()
    sync_folder(pool.folder)
    if not unreadable:
        freed += pool.remove_unused(_find_used(pool.folder))
    return RemovalResult([one.file.name for one in old], freed, unreadable)


def _find_used(folder: Path) -> set[str]:
    """Return the checksums of the raw data that the backups of a folder share."""
    used: set[str] = set()
    for file in folder.glob(NAME_PATTERN):
        with open_backup(file) as backup:
            if backup.manifest.shares_raw_data:
                used.update(kept.sha256 for kept in backup.manifest.files.values())
    return used
