"""View model of plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from qdash_builtin.runs.views.replacements import TaskReplacementDocument
from qdash_core.documents.base import ExplicitDocument
from qdash_core.hooks.plugin_failures import read_failures

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from qdash_core.hooks.host import PluginRecord
    from qdash_core.hooks.manager import Registry
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
    last_failure: str | None = None
    """Last failure of the plugin in an operation, or in a call about something that happened, with its time in UTC, and with the text of the error for administrators; null if there is none of this version."""
    slow_import: str | None = None
    """Remark if its import takes longer than a second; null otherwise."""
    replaces: list[TaskReplacementDocument] | None = None
    """Tasks of other plugins that its tasks replace on their backend; null if there are none."""

    @classmethod
    def list_all(
        cls, plugins: Iterable[PluginRecord], registry: Registry, home: Path, *, fully: bool
    ) -> list[Self]:
        """Return the view models of plugins of a registry by name, each with its replacements and its last failure in a home; `fully` with the text of the error."""
        replacements = registry.list_replacements()
        failures = {key: failure.describe(fully=fully) for key, failure in read_failures(home).items()}
        ordered = sorted(plugins, key=lambda one: (one.name, one.distribution))
        return [cls.from_plugin(one, replacements, failures) for one in ordered]

    @classmethod
    def from_plugin(
        cls,
        plugin: PluginRecord,
        replacements: Iterable[TaskReplacement],
        failures: Mapping[tuple[str, str], str],
    ) -> Self:
        """Return the view model of a plugin, from all replacements, and last failures by name and version."""
        own = [
            TaskReplacementDocument.from_replacement(one)
            for one in replacements
            if (one.by.plugin, one.by.distribution) == (plugin.name, plugin.distribution)
        ]
        provides = {hook: names for hook, names in plugin.provides.items() if names}
        failure = failures.get((plugin.name, plugin.version))
        return cls.from_record(plugin, provides=provides, replaces=own or None, last_failure=failure)
