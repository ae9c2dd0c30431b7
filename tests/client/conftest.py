"""A host in this process, and clients of it."""

from __future__ import annotations

from ..api.conftest import administrator, document, editor, host, owner, registry, settings, viewer

__all__ = ["administrator", "document", "editor", "host", "owner", "registry", "settings", "viewer"]
