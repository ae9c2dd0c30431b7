"""Command `qdash event`: recorded events of the project."""

from __future__ import annotations

import click

from qdash_builtin.runs.operations.events import operations
from qdash_cli.operation_commands import add_commands


@click.group()
def event() -> None:
    """List the recorded events of the project."""


add_commands(event, operations)
