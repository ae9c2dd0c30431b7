"""Base class of the records of plugins."""

from __future__ import annotations

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
