"""A host in this process and its users, as for the pages of executions."""

from __future__ import annotations

from ..runs.pages.conftest import chip, host, open_page, registry, request_run, settings, view_of

__all__ = ["chip", "host", "open_page", "registry", "request_run", "settings", "view_of"]
