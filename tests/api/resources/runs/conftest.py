"""As for the resources of chips: one host for each module, and a project of its own for each test."""

from __future__ import annotations

from ..chips.conftest import clients, editor, host, project, viewer

__all__ = ["clients", "editor", "host", "project", "viewer"]
