"""SQLite files that this process can read, but not write, such as those of another user or on a read-only disk.

SQLite reads a file in WAL mode through its log (`-wal`) and the index of the log (`-shm`). It cannot create them in a folder that it
cannot write, so the way depends on the files that are there:

- both: some process may be writing; SQLite reads with it, without writing anything.
- no log, or an empty one without index: the file is complete, and is read as immutable.
- a log without index, left by a crash or a copy, or an older schema: a private copy in the folder for temporary files is opened.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from qdash_core.errors import StoreError


def is_read_only(path: Path) -> bool:
    """Return whether a file exists, and this process cannot write it or create files beside it."""
    return path.exists() and not all(os.access(place, os.W_OK) for place in (path, path.parent))


def make_read_only_error(path: Path) -> StoreError:
    """Return the error for writing to a file, or to its folder, without permission."""
    place = path if path.exists() and not os.access(path, os.W_OK) else path.parent
    return StoreError(f"{place} is not writable: change its permissions, or use another path")


def make_read_only_uri(path: Path) -> str:
    """Return the URI by which SQLite reads a file without writing to its folder."""
    return (
        f"{path.as_uri()}?mode=ro"
        if _get_log(path, "-shm").exists()
        else f"{path.as_uri()}?mode=ro&immutable=1"
    )


def needs_copy(path: Path) -> bool:
    """Return whether the file has a log that SQLite cannot read without creating its index."""
    log = _get_log(path, "-wal")
    return not _get_log(path, "-shm").exists() and log.exists() and log.stat().st_size > 0


def copy_file(path: Path, folder: Path) -> Path:
    """Copy a file to a folder, with its log if SQLite cannot read it in place, and return the copy."""
    copy = folder / path.name
    if needs_copy(path):
        shutil.copyfile(path, copy)
        shutil.copyfile(_get_log(path, "-wal"), _get_log(copy, "-wal"))
        return copy
    with (
        closing(sqlite3.connect(make_read_only_uri(path), uri=True)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
    return copy


def make_private_folder() -> Path:
    """Create a folder for a copy, readable by its owner only."""
    return Path(tempfile.mkdtemp(prefix="qdash-read-only-"))


def _get_log(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
