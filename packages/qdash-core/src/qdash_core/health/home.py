"""The folder below which everything lies: whether it can be written, and whether there is room."""

from __future__ import annotations

import shutil
import tempfile
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError, StoreError
from qdash_core.file_modes import is_shared, make_folder
from qdash_core.health.findings import Finding
from qdash_core.health.permissions import mode_text, share_command

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
    make_folder(settings.home, shared=False)
    with tempfile.TemporaryFile(dir=settings.home, buffering=0) as file:
        if (
            file.write(bytes(_TRIED_BYTES)) < _TRIED_BYTES
        ):  # a full disk makes files, and takes what it has room for
            raise OSError(f"there is no room on the disk of {settings.home}")
    return f"{settings.home} is writable"


def make_shared_home(home: Path) -> None:
    """Create a home for owner and group, unless it is one.

    Raises
    ------
    InvalidInputError
        If the folder exists and is not shared: its mode is not changed.
    StoreError
        If it cannot be made.
    """
    try:
        make_folder(home, shared=True)
        if is_shared(home):
            return
    except OSError as error:
        raise StoreError(
            f"home {home} cannot be made: {error.strerror}; set QDASH_HOME to another folder"
        ) from error
    raise InvalidInputError(
        f"{home} exists and is not shared (mode {mode_text(home)}), and init changes no modes. To share it: {share_command(home)}"
    )


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
