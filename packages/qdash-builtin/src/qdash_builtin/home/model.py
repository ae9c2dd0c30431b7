"""Request for a backup, as timetables keep it."""

from pathlib import PurePath
from typing import Annotated

from pydantic import AfterValidator, Field

from qdash_core.models.base import Value
from qdash_core.models.fault_limit import FewFaults


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
