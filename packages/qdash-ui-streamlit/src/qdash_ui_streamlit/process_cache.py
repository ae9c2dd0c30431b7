"""Settings, pages and sections of this process, loaded once."""

from __future__ import annotations

from functools import cache
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from qdash_core.hooks.manager import load_plugins
from qdash_core.settings import Settings, load_settings
from qdash_ui_streamlit.page import Pages, arrange_pages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.features.declarations import NameList
    from qdash_core.features.discovery import PluginCandidate
    from qdash_core.features.sections import Section
    from qdash_core.hooks.manager import Registry
    from qdash_core.operations.operation import Operation


@cache
def get_current_settings() -> Settings:
    """Return the settings in force in this process."""
    return load_settings()


@cache
def get_installed_pages() -> Pages:
    """Return the installed pages, and the disabled ones with the reason."""
    registry = _load_registry()
    found = arrange_pages(registry.pages())
    failed = {f"plugin {one.name}": one.error for one in registry.plugins if one.error}
    return Pages(found.placed, {**failed, **found.set_aside})


@cache
def get_installed_sections() -> Sequence[tuple[str, Section]]:
    """Return the sections of pages with the names of their plugins, in order."""
    return _load_registry().sections()


@cache
def find_name_list(kind: str) -> NameList | None:
    """Return the list of the names of a kind of records, or None if no feature has such records."""
    lists = (feature.names for feature in _load_registry().features().values())
    return next((one[kind] for one in lists if kind in one), None)


def find_provider(operation: Operation[..., Any]) -> PluginCandidate | None:
    """Return the installed plugin whose feature declares an operation, or None if no feature does."""
    wanted = operation.method, operation.path
    for plugin, place in _load_registry().list_named("operations"):
        if any((one.method, one.path) == wanted for one in resolve_name(place).declared):
            return plugin
    return None


@cache
def _load_registry() -> Registry:
    return load_plugins()


def get_page_titles() -> Mapping[str, str]:
    """Return the titles of the installed pages by path."""
    return {page.path: page.title for page in get_installed_pages().placed}
