"""Services of tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.tags.service import TagService

if TYPE_CHECKING:
    from qdash_core.runtime.application import QDash


def open_tags(qdash: QDash) -> TagService:
    """Open the service for the tags of projects."""
    return TagService(qdash.store)
