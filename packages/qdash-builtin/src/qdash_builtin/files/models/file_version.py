"""Versions of files below a root."""

import zlib
from base64 import b64decode, b64encode
from enum import StrEnum
from hashlib import sha256
from typing import Self

from qdash_core.models.base import Record


class FileChange(StrEnum):
    """Origin of a version of a file."""

    FOUND = "found"
    """Contents before the first change through QDash, or after a change by another program."""
    WRITTEN = "written"
    RESTORED = "restored"
    DELETED = "deleted"


class FileVersionModel(Record):
    """One version of a file. The highest number is the newest."""

    root: str
    path: str
    """Path below the root, with `/`."""
    number: int
    change: FileChange
    username: str = ""
    """User who made it; empty if unknown."""
    reason: str = ""
    restored_from: str = ""
    """Version that was restored, or empty."""
    sha256: str = ""
    """SHA-256 of the contents; empty for a deletion."""
    size: int = 0
    """Bytes of the contents."""
    packed: str = ""
    """The contents, compressed by zlib, in base64; empty for a deletion."""

    @classmethod
    def pack(cls, contents: bytes | None, **fields: object) -> Self:
        """Return a version with contents, or None for a deletion."""
        if contents is None:
            return cls.model_validate(fields)
        return cls.model_validate(
            {
                **fields,
                "sha256": sha256(contents).hexdigest(),
                "size": len(contents),
                "packed": b64encode(zlib.compress(contents)).decode(),
            }
        )

    def unpack(self) -> bytes | None:
        """Return the contents, or None for a deletion."""
        return None if self.change is FileChange.DELETED else zlib.decompress(b64decode(self.packed))
