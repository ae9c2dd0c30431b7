"""All built-in pages in the order of the side bar.

The modules of pages import Streamlit, which is slow: each is imported when its page is drawn first.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from qdash_ui_streamlit.page import Page

if TYPE_CHECKING:
    from collections.abc import Callable

    from qdash_ui_streamlit.view import View


def _drawn_by(module: str) -> Callable[[View], None]:
    def render(view: View) -> None:
        import_module(f"qdash_ui_streamlit.pages.{module}").render(view)

    return render


def _page(title: str, icon: str, group: str, name: str, *, hidden: bool = False) -> Page:
    """Return the page with this name as its module and path."""
    return Page(title, f":material/{icon}:", group, name, _drawn_by(name), hidden)


PAGES: tuple[Page, ...] = (
    _page("Overview", "home", "Now", "overview"),
    _page("Executions", "list", "Now", "executions"),
    _page("Execution", "play_circle", "Now", "execution", hidden=True),
    _page("Result", "query_stats", "Now", "result", hidden=True),
    _page("Timetables", "schedule", "Now", "timetables"),
    _page("Chip", "memory", "Chip", "chip"),
    _page("Qubit", "radio_button_unchecked", "Chip", "qubit", hidden=True),
    _page("Coupling", "link", "Chip", "coupling", hidden=True),
    _page("Tasks", "menu_book", "Library", "tasks"),
    _page("Members and tokens", "group", "Administration", "members"),
    _page("Plugins and health", "extension", "Administration", "plugins"),
    _page("Settings", "settings", "Administration", "settings"),
)
