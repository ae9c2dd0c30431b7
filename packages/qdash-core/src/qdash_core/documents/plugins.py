"""View model of plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from qdash_core.documents.base import ExplicitDocument
from qdash_core.documents.replacements import TaskReplacementDocument

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_core.hooks.host import PluginRecord
    from qdash_core.hooks.replacements import TaskReplacement


class PluginDocument(ExplicitDocument):
    """A plugin with its status and contributions."""

    name: str
    distribution: str
    """Empty if a program registered the plugin directly."""
    version: str
    status: Literal["ok", "failed", "blocked"]
    error: str | None
    """Reason why the plugin was not loaded, in one line."""
    provides: dict[str, list[str]]
    """Names of its contributions, by hook."""
    replaces: list[TaskReplacementDocument] | None = None
    """Tasks of other plugins that its tasks replace on their backend; null if there are none."""

    @classmethod
    def from_plugin(cls, plugin: PluginRecord, replacements: Iterable[TaskReplacement]) -> Self:
        """Return the view model of a plugin.

        Parameters
        ----------
        plugin : PluginRecord
            The plugin.
        replacements : iterable of TaskReplacement
            Replacements by the tasks of all plugins.
        """
        own = [
            TaskReplacementDocument.from_replacement(one)
            for one in replacements
            if (one.by.plugin, one.by.distribution) == (plugin.name, plugin.distribution)
        ]
        provides = {hook: names for hook, names in plugin.provides.items() if names}
        return cls.from_record(plugin, provides=provides, replaces=own or None)
