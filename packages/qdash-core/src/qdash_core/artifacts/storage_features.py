"""Optional features of storages: verification, backups and removal, which older ones lack, and folders, which object storage lacks."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from qdash_core.errors import PluginError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager

    from qdash_core.artifacts.storage import CalibDataSaver

logger = logging.getLogger(__name__)
_NEEDED = ("checksum", "paths", "reading", "write")


def list_missing_features(storage: CalibDataSaver) -> list[str]:
    """Return the missing features of a storage for verification and backups."""
    return [name for name in _NEEDED if not callable(getattr(storage, name, None))]


def require_verifiable(storage: CalibDataSaver) -> None:
    """Raise PluginError if the files of a storage cannot be listed, verified and copied."""
    if missing := list_missing_features(storage):
        raise PluginError(
            f"the storage {type(storage).__name__} cannot be verified or backed up: it has no {', '.join(missing)}. "
            "qdash_testing.StorageContract says what a storage does; ask its author"
        )


@runtime_checkable
class PrunableStorage(Protocol):
    """Storage whose files can be removed."""

    def exists(self, path: str) -> bool:
        """Return whether there is a file under `path`."""
        ...

    def size(self, path: str) -> int:
        """Return the size of the file under `path` in bytes; StoreError if there is none."""
        ...

    def remove(self, path: str) -> None:
        """Remove the file under `path`, if there is one; StoreError if that is impossible."""
        ...


@runtime_checkable
class GroupingStorage(Protocol):
    """Storage that makes several files durable at once."""

    def together(self) -> AbstractContextManager[CalibDataSaver]:
        """Return the storage for files that are saved within a block, and durable at its end."""
        ...


def save_together(storage: CalibDataSaver) -> AbstractContextManager[CalibDataSaver]:
    """Return the storage for files that are saved within a block, and durable at its end at the latest."""
    return storage.together() if isinstance(storage, GroupingStorage) else nullcontext(storage)


def require_prunable(storage: CalibDataSaver) -> PrunableStorage:
    """Return a storage whose files can be removed; raise PluginError for another one."""
    if not isinstance(storage, PrunableStorage):
        raise PluginError(
            f"the storage {type(storage).__name__} cannot remove raw data: it has no size or no remove. "
            "qdash_testing.StorageContract says what a storage does; ask its author"
        )
    return storage


def remove_files(storage: CalibDataSaver, paths: Iterable[str]) -> None:
    """Remove files that no record names any more; one that cannot be removed is logged, and stays without use."""
    for path in paths:
        try:
            require_prunable(storage).remove(path)
        except (StoreError, PluginError) as error:
            logger.warning("the file %s stays: %s", path, error)


def list_checksums(storage: CalibDataSaver, path: str, saved: str | None = None) -> list[str]:
    """Return the checksum to record with a path: from saving, else of the file, or nothing if unknown.

    An unreadable file has none, so that its result can still be recorded. `saved` is the result of `save_raw_data`,
    or None if it was not just saved or its storage has no checksums.
    """
    if saved:
        return [saved]
    if "checksum" in list_missing_features(storage):
        return []
    try:
        return [storage.checksum(path)]
    except StoreError:
        return []


def make_folder(storage: CalibDataSaver, path: str) -> None:
    """Create a folder for files, unless it exists or the storage has no folders; raise StoreError if it cannot be created."""
    make: Callable[[str], None] | None = getattr(storage, "make_folder", None)
    if make is not None:
        make(path)
