"""File that is attached to a record."""

from __future__ import annotations

from qdash_core.models.base import UtcDatetime, Value


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
