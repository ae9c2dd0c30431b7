"""Plugin that adds the dashboard's command, pages and sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_cli import works_with_host
from qdash_core import hookimpl

if TYPE_CHECKING:
    import click

    from qdash_core import Feature


@hookimpl
def qdash_cli(app: click.Group) -> None:
    """Add the command that starts the dashboard."""
    from qdash_ui_streamlit.cli import ui

    app.add_command(works_with_host(ui))


@hookimpl
def qdash_features() -> list[Feature]:
    """Return the pages that belong to no other feature."""
    from qdash_core import Feature, FeaturePage

    pages = (
        FeaturePage(
            "Overview",
            ":material/home:",
            "Now",
            "overview",
            "qdash_ui_streamlit.pages.overview:render",
            place=10,
        ),
        FeaturePage(
            "Plugins and health",
            ":material/extension:",
            "Administration",
            "plugins",
            "qdash_ui_streamlit.pages.plugins:render",
            place=40,
        ),
        FeaturePage(
            "Settings",
            ":material/settings:",
            "Administration",
            "settings",
            "qdash_ui_streamlit.pages.settings:render",
            place=50,
        ),
    )
    return [
        Feature(
            "ui", pages=pages, plugin_checks=("qdash_ui_streamlit.plugin_check:check_pages_and_sections",)
        )
    ]
