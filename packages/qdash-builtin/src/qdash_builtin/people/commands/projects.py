"""Command `qdash project`: create, list, show, edit, transfer and delete projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_builtin.people.operations import projects
from qdash_builtin.people.views.people import ProjectDocument
from qdash_cli.operation_commands import add_commands
from qdash_cli.rendering.output import print_message
from qdash_cli.rendering.times import format_time

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


@click.group()
def project() -> None:
    """Create, list, show, edit, transfer and delete projects."""


def _print(found: ProjectDocument, zone: ZoneInfo) -> None:
    print_message(f"{found.project_id}: {found.name}, owned by {found.owner}")
    if found.description:
        print_message(f"  {found.description}")
    if found.tags:
        print_message(f"  tags: {', '.join(found.tags)}")
    if found.role is not None:
        print_message(f"  you are: {found.described_role}")
    if found.contents is not None:
        held = ", ".join(f"{what}: {count}" for what, count in found.contents.items())
        print_message(f"  holds: {held or 'nothing yet'}")
    print_message(f"  since {format_time(found.created_at, zone)}")


add_commands(project, projects.operations, {ProjectDocument: _print})
