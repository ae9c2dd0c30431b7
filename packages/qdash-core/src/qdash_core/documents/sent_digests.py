"""View model of a digest that was sent."""

from __future__ import annotations

from typing import Any

from pydantic import AliasPath, ConfigDict, Field

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime

_EXAMPLE: dict[str, Any] = {
    "chip_id": "a",
    "since": "2026-11-20T09:00:00Z",
    "title": "Digest of a since 2026-11-20 18:00: 3 newly unfit, 2 to review",
    "delivered": {"mail": "lab@example.org through mail.example.org"},
    "errors": {"webhook": "HTTPError: HTTP Error 403: Forbidden"},
}


class SentDigestDocument(Document):
    """Digest of a chip that was sent by notifiers."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    chip_id: str = Field(validation_alias=AliasPath("digest", "chip_id"))
    since: UtcDatetime = Field(validation_alias=AliasPath("digest", "since"))
    """Start of the digest."""
    title: str
    """Headline of the digest."""
    delivered: dict[str, str]
    """Destination of each notifier that delivered it, by the notifier's name; empty text if it names none."""
    errors: dict[str, str]
    """Reason of each notifier that did not deliver it, by the notifier's name."""
