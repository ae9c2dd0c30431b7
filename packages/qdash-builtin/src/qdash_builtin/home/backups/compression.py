"""Compression of files in backups: gzip, which standard tools read."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING, BinaryIO, cast

from qdash_core.artifacts.checksums import copy

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

SUFFIX = ".gz"
"""Suffix of the names of compressed files."""
UNREADABLE = (EOFError, zlib.error, gzip.BadGzipFile)
"""Errors of a compressed file that is damaged or truncated."""
_LEVEL = 6


def compress(source: BinaryIO, target: BinaryIO) -> tuple[str, int]:
    """Write the rest of a file compressed into another one, and return SHA-256 and size in bytes of the contents."""
    # Without name and time, equal contents give equal files.
    with gzip.GzipFile(filename="", mode="wb", compresslevel=_LEVEL, fileobj=target, mtime=0) as packing:
        checksum = copy(source, cast("BinaryIO", packing))
        return checksum, packing.tell()


def decompress(file: BinaryIO) -> AbstractContextManager[BinaryIO]:
    """Open the contents of a compressed file for reading; reads raise an error of `UNREADABLE` if it is damaged."""
    return cast("AbstractContextManager[BinaryIO]", gzip.GzipFile(fileobj=file, mode="rb"))
