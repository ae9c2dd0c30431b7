"""What the host brings to the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def qdash_cli(app: click.Group) -> None:
    """Add the commands that start it."""
