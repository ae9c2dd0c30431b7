"""Base class of the records of plugins."""

from __future__ import annotations

from pydantic import ConfigDict

from qdash_core.models.base import Record


class PluginRecord(Record):
    """A record whose fields a plugin declares, beside its author and its time.

    The records of all plugins are in one collection: backups and migrations keep them where the plugin is not installed.
    """

    project_id: str
    entity: str
    """Name of the entity that the plugin declares."""
    record_id: str
    username: str
    """User who created the record."""


class AnyPluginRecord(PluginRecord):
    """A record of any plugin, whose own fields are not checked, since the plugin may not be installed."""

    model_config = ConfigDict(extra="allow")
