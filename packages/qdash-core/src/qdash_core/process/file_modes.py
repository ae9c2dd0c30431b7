"""Permissions of the files and folders that QDash creates: for the owner only, or for owner and group.

They follow the folder: in one that its group, but not everybody, may write to, they are for owner and group; in any other
for the owner only. So a home is shared if its folder is, without a setting. The umask has no influence, and existing files
and folders keep their mode.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600
SHARED_FOLDER, SHARED_FILE = 0o2770, 0o660
"""Modes of shared folders and files. The set-group-ID bit gives new files in the folder its group."""


def is_shared(folder: Path) -> bool:
    """Return whether the group of a folder, but not everybody, may write to it."""
    return folder.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH) == stat.S_IWGRP


def make_folder(folder: Path, *, shared: bool | None = None) -> None:
    """Create a folder and its missing parents, unless it exists.

    `shared` tells whether it is for owner and group, or is None to follow its parent.

    Raises
    ------
    OSError
        If it cannot be created.
    """
    if folder.is_dir():
        return
    make_folder(folder.parent, shared=shared)
    with_group = is_shared(folder.parent) if shared is None else shared
    try:
        folder.mkdir(PRIVATE_FOLDER)
    except FileExistsError:
        if not folder.is_dir():
            raise
        return  # another process has created it
    _set_mode(folder, SHARED_FOLDER if with_group else PRIVATE_FOLDER)


def inherit_mode(folder: Path) -> None:
    """Give a folder that was just created by other code the mode that `make_folder` would give it."""
    _set_mode(folder, SHARED_FOLDER if is_shared(folder.parent) else PRIVATE_FOLDER)


def create_file(path: Path) -> int:
    """Create a file, and return its descriptor for reading and writing; raise FileExistsError if it exists."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    try:
        _set_mode(descriptor, SHARED_FILE if is_shared(path.parent) else PRIVATE_FILE)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def ensure_file(path: Path) -> None:
    """Create an empty file unless it exists, for code that would create it by the umask."""
    with suppress(FileExistsError):
        os.close(create_file(path))


def _set_mode(place: Path | int, mode: int) -> None:
    """Set the permissions of a new file or folder, which the umask may have narrowed.

    The owner is refused only on a file system without permissions, such as FAT, where nothing can be done.
    """
    with suppress(PermissionError):
        os.chmod(place, mode)  # noqa: PTH101  a descriptor, too
