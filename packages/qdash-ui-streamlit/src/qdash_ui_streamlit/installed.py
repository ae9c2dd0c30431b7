"""What this process is installed with: settings and pages, found once."""

from __future__ import annotations

from functools import cache

from qdash_core.hooks.manager import load_plugins
from qdash_core.settings import Settings, load_settings
from qdash_ui_streamlit.page import Pages, arranged


@cache
def settings() -> Settings:
    """Return the settings in force in this process."""
    return load_settings()


@cache
def pages() -> Pages:
    """Return the pages that are installed, and what of plugins cannot be shown, with the reason."""
    registry = load_plugins()
    found = arranged(registry.pages())
    failed = {f"plugin {one.name}": one.error for one in registry.plugins if one.error}
    return Pages(found.placed, {**failed, **found.set_aside})
