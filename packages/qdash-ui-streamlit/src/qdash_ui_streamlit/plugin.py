"""Plugin that adds the dashboard's command, pages and sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core import hookimpl

if TYPE_CHECKING:
    import click

    from qdash_core import Feature


@hookimpl
def qdash_cli(app: click.Group) -> None:
    """Add the command that starts the dashboard."""
    from qdash_cli import works_with_host
    from qdash_ui_streamlit.cli import ui

    app.add_command(works_with_host(ui))


@hookimpl
def qdash_features() -> list[Feature]:
    """Return the feature of the dashboard, which has no pages of its own."""
    from qdash_core import Feature

    return [Feature("ui", plugin_checks=("qdash_ui_streamlit.plugin_check:check_pages_and_sections",))]
