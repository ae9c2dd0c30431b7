"""Plugins: what is installed, and what was set aside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import ConfigDict

from qdash_core.documents.base import ExplicitDocument

if TYPE_CHECKING:
    from qdash_core.hooks.host import PluginRecord


class PluginDocument(ExplicitDocument):
    """What became of a plugin."""

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
    """Empty where it was handed over by a program."""
    version: str
    status: Literal["ok", "failed", "blocked"]
    error: str | None
    """Why it was set aside, in one line."""
    provides: dict[str, list[str]]
    """Hook to the names of what it gave."""

    @classmethod
    def of(cls, plugin: PluginRecord) -> Self:
        """Return the document of a plugin."""
        return cls(
            name=plugin.name,
            distribution=plugin.distribution,
            version=plugin.version,
            status=plugin.status,
            error=plugin.error,
            provides=plugin.provides,
        )
