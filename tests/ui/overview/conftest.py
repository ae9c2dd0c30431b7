"""As for the pages of executions: a host in this process, and whoever looks."""

from __future__ import annotations

from ..executions.conftest import asked, chip, host, looking, registry, settings, view_of

__all__ = ["asked", "chip", "host", "looking", "registry", "settings", "view_of"]
