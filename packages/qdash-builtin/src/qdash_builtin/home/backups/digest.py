"""Checksum of a whole backup, in the last member of its tar file.

It covers every byte before that member: headers, contents, padding and manifest. The member itself and the end of the file
follow from the checksum and are compared byte by byte, so any changed or missing bit is detected.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from typing import TYPE_CHECKING

from qdash_core.artifacts.checksums import ChecksumWriter
from qdash_core.process.file_modes import PRIVATE_FILE

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

DIGEST = "SHA256"
"""Name of the member."""
_PIECE = 1 << 20


class DigestedArchive(ChecksumWriter):
    """Writer of a tar file that computes the checksum of all written bytes."""

    def tell(self) -> int:
        """Return 0, the offset of the archive, which `tarfile` reads once at the beginning."""
        return 0


def digest_member(checksum: str) -> tuple[tarfile.TarInfo, io.BytesIO]:
    """Return the last member of a backup and its contents."""
    contents = f"{checksum}\n".encode()
    member = tarfile.TarInfo(DIGEST)
    member.size, member.mode = len(contents), PRIVATE_FILE
    return member, io.BytesIO(contents)


def matches_digest(file: BinaryIO, begin: int, progress: Callable[[int, int], None]) -> bool:
    """Return whether a backup is unchanged in every byte.

    Parameters
    ----------
    begin : int
        Offset of its last member, in bytes.
    progress : callable
        Called with the number of bytes read and their total.
    """
    digest, read = hashlib.sha256(), 0
    while piece := file.read(min(_PIECE, begin - read)):
        digest.update(piece)
        read += len(piece)
        progress(read, begin)
    return file.read() == _compute_expected_tail(begin, digest.hexdigest())


def _compute_expected_tail(begin: int, checksum: str) -> bytes:
    """Return the expected end of the file: the last member and two empty blocks, padded to a full record."""
    member, contents = digest_member(checksum)
    size = 4 * tarfile.BLOCKSIZE
    size += -(begin + size) % tarfile.RECORDSIZE
    header = member.tobuf(tarfile.USTAR_FORMAT)
    return (header + contents.getvalue()).ljust(size, b"\0")
