"""View model of the files of a record."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from qdash_core.documents.base import Column, Document


class AttachmentDocument(Document):
    """File of a record."""

    name: str
    media_type: str
    size: int
    """Size in bytes."""
    sha256: str
    username: str
    """User who attached it."""
    attached_at: datetime

    text_columns: ClassVar = (
        Column("ATTACHMENT", "name", wraps=True),
        Column("TYPE", "media_type"),
        Column("BYTES", "size"),
        Column("BY", "username"),
        Column("ATTACHED", "attached_at"),
    )
