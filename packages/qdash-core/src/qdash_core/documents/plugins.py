"""View model of plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import ConfigDict

from qdash_core.documents.base import ExplicitDocument

if TYPE_CHECKING:
    from qdash_core.hooks.host import PluginRecord


class PluginDocument(ExplicitDocument):
    """A plugin with its status and contributions."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "fake",
                    "distribution": "qdash-fake",
                    "version": "0.1.0",
                    "status": "ok",
                    "error": None,
                    "provides": {"qdash_backends": ["fake"]},
                }
            ]
        }
    )

    name: str
    distribution: str
    """Empty if a program registered the plugin directly."""
    version: str
    status: Literal["ok", "failed", "blocked"]
    error: str | None
    """Reason why the plugin was not loaded, in one line."""
    provides: dict[str, list[str]]
    """Names of its contributions, by hook."""

    @classmethod
    def from_plugin(cls, plugin: PluginRecord) -> Self:
        """Return the view model of a plugin."""
        return cls(
            name=plugin.name,
            distribution=plugin.distribution,
            version=plugin.version,
            status=plugin.status,
            error=plugin.error,
            provides={hook: names for hook, names in plugin.provides.items() if names},
        )
