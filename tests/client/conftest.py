"""A host in this process, and its clients."""

from __future__ import annotations

from ..api.conftest import administrator, document, editor, host, owner, registry, settings, viewer

__all__ = ["administrator", "document", "editor", "host", "owner", "registry", "settings", "viewer"]
