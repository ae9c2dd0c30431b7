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


def _renderer_of(module: str) -> Callable[[View], None]:
    def render(view: View) -> None:
        import_module(f"qdash_ui_streamlit.pages.{module}").render(view)

    return render


def _make_page(title: str, icon: str, group: str, name: str, *, hidden: bool = False) -> Page:
    """Return the page with this name as its path, and, with underscores, as its module."""
    return Page(title, f":material/{icon}:", group, name, _renderer_of(name.replace("-", "_")), hidden)


PAGES: tuple[Page, ...] = (
    _make_page("Overview", "home", "Now", "overview"),
    _make_page("Executions", "list", "Now", "executions"),
    _make_page("Execution", "play_circle", "Now", "execution", hidden=True),
    _make_page("Result", "query_stats", "Now", "result", hidden=True),
    _make_page("Events", "bolt", "Now", "events"),
    _make_page("Flows", "account_tree", "Now", "flows"),
    _make_page("Timetables", "schedule", "Now", "timetables"),
    _make_page("Chip", "memory", "Chip", "chip"),
    _make_page("New chip", "add", "Chip", "new-chip", hidden=True),
    _make_page("Edit chip", "edit", "Chip", "edit-chip", hidden=True),
    _make_page("Export", "download", "Chip", "chip-export", hidden=True),
    _make_page("Import values", "upload", "Chip", "chip-import", hidden=True),
    _make_page("Qubit", "radio_button_unchecked", "Chip", "qubit", hidden=True),
    _make_page("Coupling", "link", "Chip", "coupling", hidden=True),
    _make_page("Workbench", "construction", "Chip", "workbench"),
    _make_page("Schedule", "view_timeline", "Chip", "schedule"),
    _make_page("Compare", "compare_arrows", "Chip", "compare"),
    _make_page("Origin", "alt_route", "Chip", "origin"),
    _make_page("Metrics", "bar_chart", "Chip", "metrics"),
    _make_page("Trends", "monitoring", "Chip", "trends"),
    _make_page("Review", "rule", "Chip", "review"),
    _make_page("Tasks", "menu_book", "Library", "tasks"),
    _make_page("Files", "folder", "Library", "files"),
    _make_page("Assistant", "forum", "Laboratory", "assistant"),
    _make_page("Notes", "sticky_note_2", "Laboratory", "notes"),
    _make_page("Tags", "sell", "Laboratory", "tags"),
    _make_page("Cryostats", "ac_unit", "Laboratory", "cryostats"),
    _make_page("Cool-down", "ac_unit", "Laboratory", "cooldown", hidden=True),
    _make_page("Instrument locks", "lock", "Laboratory", "locks"),
    _make_page("Issues", "bug_report", "Laboratory", "issues"),
    _make_page("Issue", "bug_report", "Laboratory", "issue", hidden=True),
    _make_page("New issue", "bug_report", "Laboratory", "new-issue", hidden=True),
    _make_page("Projects", "folder_shared", "Administration", "projects"),
    _make_page("Members and tokens", "group", "Administration", "members"),
    _make_page("Audit", "policy", "Administration", "audit"),
    _make_page("Plugins and health", "extension", "Administration", "plugins"),
    _make_page("Settings", "settings", "Administration", "settings"),
)
