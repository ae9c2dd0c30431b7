"""Base class of the records of plugins, and the files that are attached to them."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict

from qdash_core.models.base import Record, UtcDatetime, Value
from qdash_core.repositories.collection import ChipFate


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


class PluginRecord(Record):
    """Record with fields declared by a plugin, its author and its times.

    Records of all plugins share one collection, so backups and migrations keep them even if the plugin is not installed.
    """

    project_id: str
    entity: str
    """Name of the entity that the plugin declares."""
    record_id: str
    username: str
    """User who created the record."""
    attachments: list[Attachment] = []
    """Files of the record, by name."""
    with_chip: ChipFate | Literal[""] = ""
    """Fate of the record if its chip is deleted; empty if it is about none."""


class AnyPluginRecord(PluginRecord):
    """A record of any plugin, whose own fields are not checked, since the plugin may not be installed."""

    model_config = ConfigDict(extra="allow")
