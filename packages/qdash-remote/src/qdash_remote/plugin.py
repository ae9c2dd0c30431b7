"""Plugin of the commands that log in at hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def qdash_cli(app: click.Group) -> None:
    """Add `qdash login` and `qdash logout`."""
    from qdash_cli import works_with_host
    from qdash_remote.cli import login, logout

    app.add_command(works_with_host(login))
    app.add_command(works_with_host(logout))
