"""The folder below which everything lies: whether it can be written, and whether there is room."""

from __future__ import annotations

import shutil
import tempfile
from typing import TYPE_CHECKING

from qdash_core.health.findings import Finding

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.settings import Settings

_TRIED_BYTES = 65_536
_LITTLE_BYTES = 256 * 2**20
"""A night of a large chip fits into so much; with less, it may end for want of room."""


def can_be_written(settings: Settings) -> str:
    """Make the home if need be, write something below it and take that away.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=settings.home, buffering=0) as file:
        if (
            file.write(bytes(_TRIED_BYTES)) < _TRIED_BYTES
        ):  # a full disk makes files, and takes what it has room for
            raise OSError(f"there is no room on the disk of {settings.home}")
    return f"{settings.home} is writable"


def has_room(settings: Settings) -> Finding:
    """Look how much room is left on the disk of the home."""
    free = shutil.disk_usage(_nearest(settings.home)).free
    detail = f"{free / 2**30:.1f} GiB free"
    if free < _LITTLE_BYTES:
        return Finding("disk", "warning", detail, "make room before the next long run")
    return Finding("disk", "ok", detail)


def _nearest(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that is there."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder
