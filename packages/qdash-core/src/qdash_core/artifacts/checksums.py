"""SHA-256 checksums, computed while files are written or read."""

from __future__ import annotations

import hashlib
from typing import BinaryIO

_PIECE = 1 << 20


class ChecksumWriter:
    """File that computes the checksum of its contents during sequential writes.

    It is not seekable, so that writers of archives write sequentially and every byte counts once.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Write bytes."""
        self._digest.update(data)
        return self._file.write(data)

    def flush(self) -> None:
        """Flush the underlying file."""
        self._file.flush()

    @property
    def checksum(self) -> str:
        """SHA-256 of the written bytes, as 64 hexadecimal digits."""
        return self._digest.hexdigest()


def compute_checksum(file: BinaryIO) -> str:
    """Return the SHA-256 of the rest of a file, as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    while piece := file.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest()


def copy(source: BinaryIO, target: BinaryIO) -> str:
    """Write the rest of a file into another one, and return its SHA-256."""
    digesting = ChecksumWriter(target)
    while piece := source.read(_PIECE):
        digesting.write(piece)
    return digesting.checksum
