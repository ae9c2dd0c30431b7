"""One host per module, and one project per test, as for the resources of chips."""

from __future__ import annotations

from ..chips.conftest import clients, editor, host, project, viewer

__all__ = ["clients", "editor", "host", "project", "viewer"]
