"""Attachments: files that belong to a record, kept beside raw data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core.models.base import UtcDatetime, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ATTACHMENTS = "attachments/"
"""Folder of all attachments in the storage of raw data."""


class Attachment(Value):
    """File of a record."""

    name: str
    media_type: str
    size: int
    """Size in bytes."""
    sha256: str
    path: str
    """Path in the storage of raw data."""
    username: str
    """User who attached it."""
    attached_at: UtcDatetime


def iterate_attached(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield path and checksum of each file that is attached to a stored document."""
    for one in document.get("attachments") or ():
        yield one["path"], one["sha256"]
