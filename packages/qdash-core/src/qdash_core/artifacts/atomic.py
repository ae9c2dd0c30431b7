"""Writing a file so that a crash leaves the old one, the new one, or none, and never a part."""

from __future__ import annotations

import os
import uuid
from typing import TYPE_CHECKING, BinaryIO, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")


def write_atomically(path: Path, write: Callable[[BinaryIO], T], *, mode: int = 0o666) -> T:
    """Write a file at `path`, durable when this returns, and return what `write` did. Missing folders are made.

    Parameters
    ----------
    path : Path
        The file.
    write : callable
        Writes the contents into what it is given.
    mode : int
        Who may read and write it, as far as the umask lets them.

    Raises
    ------
    OSError
        If it cannot be written; nothing is left behind then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4()}")
    # Not `tempfile`: its files are for their owner alone, and a laboratory shares its home as its umask says.
    descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            written = write(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)
    return written


def _sync_folder(folder: Path) -> None:
    """Make the new name itself durable; some file systems cannot, and then the file's own sync must do."""
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
