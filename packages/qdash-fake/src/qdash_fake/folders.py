"""Folders of twins below a home folder, and their locks."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from qdash_core.errors import NotFoundError
from qdash_core.file_modes import ensure_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TWIN_FILE = "twin.json"
"""File of a twin in its folder: everything except derived data."""
_LOCK = "twin.lock"


def twin_folder(home: Path, *, project_id: str, chip_id: str) -> Path:
    """Return the folder of a chip's twin below the home folder."""
    return home / "twins" / project_id / chip_id


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Hold the folder's lock among threads and processes; the system releases it if the holder dies."""
    try:
        ensure_file(folder / _LOCK)
        handle = os.open(folder / _LOCK, os.O_RDWR)
    except FileNotFoundError as error:
        raise NotFoundError(f"{folder} holds no twin: make one with `qdash twin create`") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
