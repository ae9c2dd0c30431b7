"""Checks of the home folder: writability and free space."""

from __future__ import annotations

import shutil
import tempfile
from typing import TYPE_CHECKING

from qdash_builtin.home.permissions import format_mode, make_share_command
from qdash_core.errors import InvalidInputError, StoreError
from qdash_core.models.health_findings import HealthFinding
from qdash_core.process.file_modes import is_shared, make_folder

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.settings import Settings

_TRIED_BYTES = 65_536
_LITTLE_BYTES = 256 * 2**20
"""Minimum free space, enough for one night of measurements on a large chip."""


def check_writability(settings: Settings) -> str:
    """Create the home if necessary, and check that files below it can be written.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    make_folder(settings.home, shared=False)
    with tempfile.TemporaryFile(dir=settings.home, buffering=0) as file:
        if (
            file.write(bytes(_TRIED_BYTES)) < _TRIED_BYTES
        ):  # on a full disk a file is created, and written only in part
            raise OSError(f"there is no room on the disk of {settings.home}")
    return f"{settings.home} is writable"


def make_shared_home(home: Path) -> None:
    """Create a home for owner and group, unless it is one.

    Raises
    ------
    InvalidInputError
        If the folder exists and is not shared: its mode is not changed.
    StoreError
        If it cannot be created.
    """
    try:
        make_folder(home, shared=True)
        if is_shared(home):
            return
    except OSError as error:
        raise StoreError(
            f"home {home} cannot be created: {error.strerror}; set QDASH_HOME to another folder"
        ) from error
    raise InvalidInputError(
        f"{home} exists and is not shared (mode {format_mode(home)}), and init changes no modes. To share it: {make_share_command(home)}"
    )


def check_free_space(settings: Settings) -> HealthFinding:
    """Check the free space on the disk of the home."""
    free = shutil.disk_usage(find_nearest_folder(settings.home)).free
    detail = f"{free / 2**30:.1f} GiB free"
    if free < _LITTLE_BYTES:
        return HealthFinding("disk", "warning", detail, "make room before the next long run")
    return HealthFinding("disk", "ok", detail)


def find_nearest_folder(folder: Path) -> Path:
    """Return the folder, or its nearest existing parent."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder
