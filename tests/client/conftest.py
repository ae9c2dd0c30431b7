"""A host in this process, and clients of it."""

from __future__ import annotations

from ..api.conftest import administrator, editor, host, owner, registry, settings, viewer

__all__ = ["administrator", "editor", "host", "owner", "registry", "settings", "viewer"]
