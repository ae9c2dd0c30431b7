"""View model of the home."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from qdash_core.documents.base import Document
from qdash_core.models.project import DEFAULT_PROJECT, DEFAULT_USER
from qdash_core.parsing.urls import redact_password
from qdash_core.process.file_modes import is_shared

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core.settings import Settings


class HomeDocument(Document):
    """A home that is ready, with its default user and project. URLs are without their secrets."""

    home: str
    store_url: str
    artifacts_url: str
    user: str
    project: str
    group: str | None
    """The group that shares the home, or None if it is for its owner only."""

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """Return the view model of the home in these settings."""
        return cls(
            home=str(settings.home),
            store_url=redact_password(settings.store_url),
            artifacts_url=redact_password(settings.artifacts_url),
            user=DEFAULT_USER,
            project=DEFAULT_PROJECT,
            group=get_group_name(settings.home) if is_shared(settings.home) else None,
        )


def get_group_name(folder: Path) -> str:
    """Return the name of the group of a folder, or its number if it has no name."""
    try:
        return folder.group()
    except KeyError:
        return str(folder.stat().st_gid)
