"""Plugin that adds the host to the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def qdash_cli(app: click.Group) -> None:
    """Add the commands of the host."""
    from qdash_api.cli.api import api
    from qdash_api.cli.up import up

    app.add_command(api)
    app.add_command(up)
