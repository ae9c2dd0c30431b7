"""A host in this process and its users, as for the pages of executions."""

from __future__ import annotations

from ..executions.conftest import asked, chip, host, looking, registry, settings, view_of

__all__ = ["asked", "chip", "host", "looking", "registry", "settings", "view_of"]
