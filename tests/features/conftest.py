"""Fixtures of all features: a bench, commands in this process, a host in this process, and pages drawn without a browser."""

from __future__ import annotations

from ..api.conftest import (
    administrator,
    described,
    document,
    editor,
    few_routes,
    host,
    imported_routes,
    owner,
    registry,
    settings,
    viewer,
)
from ..cli.conftest import command, lab, made_lab, shared_plugins
from ..core.conftest import clock, known_installation, make_bench, no_settings, prepared_store, store
from ..ui.conftest import chromium, dashboard_pages, main_module
from .journal import journal

__all__ = [
    "administrator",
    "chromium",
    "clock",
    "command",
    "dashboard_pages",
    "described",
    "document",
    "editor",
    "few_routes",
    "host",
    "imported_routes",
    "journal",
    "known_installation",
    "lab",
    "made_lab",
    "main_module",
    "make_bench",
    "no_settings",
    "owner",
    "prepared_store",
    "registry",
    "settings",
    "shared_plugins",
    "store",
    "viewer",
]
