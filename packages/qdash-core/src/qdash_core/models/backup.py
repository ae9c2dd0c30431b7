"""Backups as the store and timetables know them."""

from pathlib import PurePath
from typing import Annotated

from pydantic import AfterValidator, Field

from qdash_core.models.base import UtcDatetime, Value
from qdash_core.models.fault_limit import FewFaults


class BackupRecord(Value):
    """A complete backup, as the store remembers it."""

    made_at: UtcDatetime
    file: str
    """Path of the backup on its machine."""
    host: str
    """Machine on which it was made, or on which the store was restored from it."""
    restored: bool = False
    """True if the store was restored from it, and no other was made since."""


def _require_absolute(folder: str) -> str:
    if not PurePath(folder).is_absolute():
        raise ValueError(f"{folder!r} is not an absolute path")
    return folder


class BackupRequest(FewFaults, Value):
    """Request for a backup, made by a worker."""

    folder: Annotated[str, Field(min_length=1, max_length=1024), AfterValidator(_require_absolute)]
    """Existing folder on the machine of the worker, as an absolute path."""
    keep: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """Number of complete backups to keep in the folder, or None to remove none."""
