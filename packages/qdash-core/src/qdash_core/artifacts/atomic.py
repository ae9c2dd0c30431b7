"""Atomic writes of files: a crash leaves the old file, the new one or none, but never a part."""

from __future__ import annotations

import os
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from qdash_core.process.file_modes import create_file, make_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")
_SHOWN = 50
"""Number of characters of the name of a file in that of its unfinished copy, which stays short enough for file systems."""


def sync_folder(folder: Path) -> None:
    """Sync the folder, so that the new name is durable; file systems that cannot do this are ignored."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        pass
    finally:
        os.close(descriptor)


def write_atomically(
    path: Path,
    write: Callable[[BinaryIO], T],
    *,
    mode: int | None = None,
    sync: Callable[[Path], None] = sync_folder,
) -> T:
    """Write a file atomically and durably, create missing folders, and return the result of `write`.

    `write` writes the contents into the given file. `mode` has the permissions before the umask, or is None to keep
    those of the file that is replaced and give a new file those of `file_modes`. `sync` makes the new name in the
    folder durable, or keeps the folder for a later sync.

    Raises
    ------
    OSError
        If it cannot be written. Nothing is left behind then.
    """
    temporary = path.with_name(f".{path.name[:_SHOWN]}.{uuid.uuid4()}")
    if mode is None:
        make_folder(path.parent)
        descriptor = create_file(temporary)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            if mode is None:
                _copy_mode(path, temporary)
            written = write(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync(path.parent)
    return written


def _copy_mode(path: Path, replacement: Path) -> None:
    """Copy the permissions of a file to its replacement, if the file exists."""
    with suppress(FileNotFoundError):
        replacement.chmod(path.stat().st_mode & 0o777)
