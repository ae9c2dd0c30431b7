"""Plugin that adds the dashboard's command, pages and sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core import hookimpl, works_with_host

if TYPE_CHECKING:
    import click

    from qdash_core import Section
    from qdash_ui_streamlit.page import Page


@hookimpl
def qdash_cli(app: click.Group) -> None:
    """Add the command that starts the dashboard."""
    from qdash_ui_streamlit.cli import ui

    app.add_command(works_with_host(ui))


@hookimpl
def qdash_dashboard_pages() -> list[Page]:
    """Return the pages of the dashboard."""
    from qdash_ui_streamlit.pages.all_pages import PAGES

    return list(PAGES)


@hookimpl
def qdash_dashboard_sections() -> list[Section]:
    """Return the sections of the dashboard's own features on its pages."""
    from qdash_ui_streamlit.own_sections import SECTIONS

    return list(SECTIONS)
