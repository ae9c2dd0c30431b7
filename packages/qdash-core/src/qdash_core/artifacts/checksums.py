"""SHA-256 of what is kept, taken while it is written or read."""

from __future__ import annotations

import hashlib
from typing import BinaryIO

_PIECE = 1 << 20


class Digesting:
    """A file that is written from beginning to end, and knows the checksum of what it was given.

    It cannot be sought in: what writes archives then writes them in one go, so that every byte is counted once.

    Parameters
    ----------
    file : BinaryIO
        Takes what is written.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Write a piece."""
        self._digest.update(data)
        return self._file.write(data)

    def flush(self) -> None:
        """Hand on what has been written."""
        self._file.flush()

    @property
    def checksum(self) -> str:
        """SHA-256 of what has been written, as 64 hexadecimal digits."""
        return self._digest.hexdigest()


def checksum_of(file: BinaryIO) -> str:
    """Return the SHA-256 of the rest of a file, as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    while piece := file.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest()


def copy(source: BinaryIO, target: BinaryIO) -> str:
    """Write the rest of a file into another one, and return its SHA-256."""
    digesting = Digesting(target)
    while piece := source.read(_PIECE):
        digesting.write(piece)
    return digesting.checksum
