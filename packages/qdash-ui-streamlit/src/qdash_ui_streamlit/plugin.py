"""What the dashboard brings: its command, and its own pages, which are found as those of any plugin are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core import hookimpl

if TYPE_CHECKING:
    import click

    from qdash_ui_streamlit.page import Page


@hookimpl
def qdash_cli(app: click.Group) -> None:
    """Add the command that starts it."""
    from qdash_ui_streamlit.cli import ui

    app.add_command(ui)


@hookimpl
def qdash_dashboard_pages() -> list[Page]:
    """Give the pages of the dashboard."""
    from qdash_ui_streamlit.pages.everything import PAGES

    return list(PAGES)
