"""Base class of the records of plugins."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict

from qdash_builtin.attachments.model import Attachment
from qdash_core.models.base import Record
from qdash_core.repositories.collection import ChipFate


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
