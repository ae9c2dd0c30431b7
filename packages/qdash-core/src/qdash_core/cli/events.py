"""Command `qdash event`: recorded events of the project."""

from __future__ import annotations

import click

from qdash_core.cli.operation_commands import add_commands
from qdash_core.resources.events import operations


@click.group()
def event() -> None:
    """List the recorded events of the project."""


add_commands(event, operations)
