"""Folders of twins below a home folder, and their locks."""

from __future__ import annotations

import fcntl
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from qdash_core.errors import NotFoundError
from qdash_core.process.file_modes import ensure_file, inherit_mode, make_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

TWIN_FILE = "twin.json"
"""File of a twin in its folder: everything except derived data."""
_LOCK = "twin.lock"


def twin_folder(home: Path, *, project_id: str, chip_id: str) -> Path:
    """Return the folder of a chip's twin below the home folder."""
    return home / "twins" / project_id / chip_id


@contextmanager
def replace_folder(folder: Path) -> Iterator[Path]:
    """Yield the path of a folder to write, which takes the place of `folder` at the end, or nothing after an error."""
    make_folder(folder.parent)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".making-") as made:
        inherit_mode(Path(made))
        new = Path(made) / "new"
        yield new
        if folder.exists():
            folder.rename(Path(made) / "former")
        new.rename(folder)


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Lock the folder among threads and processes; the system releases the lock if the holder dies."""
    try:
        ensure_file(folder / _LOCK)
        handle = os.open(folder / _LOCK, os.O_RDWR)
    except FileNotFoundError as error:
        raise NotFoundError(f"{folder} contains no twin: create one with `qdash twin create`") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
