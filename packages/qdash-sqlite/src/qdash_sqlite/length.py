"""Comparison of the length of an SQLite file with the number of its pages, which detects truncation and appended bytes."""

from __future__ import annotations

import sqlite3
import struct
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_sqlite.header import has_missing_pages

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

_LOG_HEADER, _FRAME_HEADER = struct.Struct(">4I8s8x"), struct.Struct(">2I8s8x")
"""Headers of the write-ahead log and of its frames (https://www.sqlite.org/fileformat2.html#walformat), salts as bytes."""
_BUSY_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class LengthMismatch:
    """Contradiction between the length of a file and the number of its pages: these are missing, or bytes follow them."""

    is_truncated: bool
    message: str


def find_length_mismatch(path: Path) -> LengthMismatch | None:
    """Compare the length of a file with its pages, while others may write to it; return None if they agree.

    A shorter file is truncated only if a missing page is not in the write-ahead log either; a longer one may shrink
    when its log is copied into it. The connection is read-only: SQLite would fill up a truncated file with zeros.
    """
    try:
        with closing(_read_only(path)) as connection:
            connection.execute("BEGIN")
            if has_missing_pages(connection):
                return LengthMismatch(
                    True, f"the file is truncated: pages are missing after its {path.stat().st_size} bytes"
                )
            connection.execute("PRAGMA writable_schema = ON")  # ignore errors in the schema
            [(pages,)] = connection.execute("PRAGMA page_count")
            [(page_size,)] = connection.execute("PRAGMA page_size")
            logged = _read_log_pages(path.with_name(f"{path.name}-wal"), page_size)
            size = path.stat().st_size
    except sqlite3.Error:
        return None  # opening the store reports why it cannot be read
    missing = set(range(size // page_size + 1, pages + 1)) - logged
    if missing:
        return LengthMismatch(True, f"the file is truncated: it has {size} of {pages * page_size} bytes")
    if size > pages * page_size and not logged:
        extra = size - pages * page_size
        return LengthMismatch(False, f"{extra} bytes that do not belong to the store follow its last page")
    return None


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.as_uri()}?mode=ro", uri=True, timeout=_BUSY_TIMEOUT_S, isolation_level=None
    )


def _read_log_pages(log: Path, page_size: int) -> set[int]:
    """Return the numbers of the pages in the write-ahead log, as of its last commit."""
    try:
        with log.open("rb") as file:
            frames = (log.stat().st_size - _LOG_HEADER.size) // (_FRAME_HEADER.size + page_size)
            return _read_committed_pages(file, page_size, frames) if frames > 0 else set()
    except (FileNotFoundError, struct.error):
        # Only a log that has been copied completely is removed or emptied while the snapshot is open.
        return set()


def _read_committed_pages(file: BinaryIO, page_size: int, frames: int) -> set[int]:
    salts = _LOG_HEADER.unpack(file.read(_LOG_HEADER.size))[-1]
    committed, pending = set[int](), set[int]()
    for _ in range(frames):
        page, pages_after_commit, salts_of_frame = _FRAME_HEADER.unpack(file.read(_FRAME_HEADER.size))
        if salts_of_frame != salts:
            break  # a frame from before the last restart of the log
        pending.add(page)
        if pages_after_commit:
            committed |= pending
            pending.clear()
        file.seek(page_size, 1)
    return committed
