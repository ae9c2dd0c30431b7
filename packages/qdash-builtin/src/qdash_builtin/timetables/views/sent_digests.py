"""View model of a digest that was sent."""

from __future__ import annotations

from pydantic import AliasPath, Field

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime


class SentDigestDocument(Document):
    """Digest of a chip that was sent by notifiers."""

    chip_id: str = Field(validation_alias=AliasPath("digest", "chip_id"))
    since: UtcDatetime = Field(validation_alias=AliasPath("digest", "since"))
    """Start of the digest."""
    title: str
    """Headline of the digest."""
    delivered: dict[str, str]
    """Destination of each notifier that delivered it, by the notifier's name; empty text if it names none."""
    errors: dict[str, str]
    """Reason of each notifier that did not deliver it, by the notifier's name."""
