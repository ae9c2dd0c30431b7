"""What verification and backups need of a storage, also of one that was written before they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import PluginError, StoreError

if TYPE_CHECKING:
    from qdash_core.artifacts.storage import CalibDataSaver

_NEEDED = ("checksum", "paths", "reading", "write")


def lacking(storage: CalibDataSaver) -> list[str]:
    """Return what a storage cannot do of what verification and backups need."""
    return [name for name in _NEEDED if not callable(getattr(storage, name, None))]


def require_verifiable(storage: CalibDataSaver) -> None:
    """Refuse a storage whose files can be neither listed, nor verified, nor copied; PluginError."""
    if missing := lacking(storage):
        raise PluginError(
            f"the storage {type(storage).__name__} cannot be verified or backed up: it has no {', '.join(missing)}. "
            "qdash_core.testing.StorageContract says what a storage does; ask its author"
        )


def checksums(storage: CalibDataSaver, path: str, saved: str | None = None) -> list[str]:
    """Return what is kept beside a path: the checksum that saving gave, else that of the file; nothing where none is known.

    A file that cannot be read has none: what is recorded of its result does not depend on it.

    Parameters
    ----------
    storage : CalibDataSaver
        Where the file is.
    path : str
        The file.
    saved : str or None
        What `save_raw_data` returned; None: it was not saved just now, or its storage knows no checksums.
    """
    if saved:
        return [saved]
    if "checksum" in lacking(storage):
        return []
    try:
        return [storage.checksum(path)]
    except StoreError:
        return []
