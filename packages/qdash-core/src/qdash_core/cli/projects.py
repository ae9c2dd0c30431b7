"""Command `qdash project`: create, list, show, edit, transfer and delete projects."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, user_option
from qdash_core.cli.operation_commands import add_commands
from qdash_core.cli.rendering.output import emit_json, print_message
from qdash_core.cli.rendering.times import format_time
from qdash_core.documents.people import ProjectDocument
from qdash_core.errors import InvalidInputError
from qdash_core.resources import projects
from qdash_core.resources.requests.accounts import ProjectEdit

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


@click.group()
def project() -> None:
    """Create, list, show, edit, transfer and delete projects."""


@project.command()
@click.argument("project_id", metavar="PROJECT")
@click.option("--name", metavar="TEXT", help="Display name.")
@click.option("--description", metavar="TEXT", help="Description; empty text removes it.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Label; may be repeated.")
@click.option("--no-tags", is_flag=True, help="Remove all labels.")
@user_option
@options.json_option
def edit(
    project_id: str,
    name: str | None,
    description: str | None,
    tags: tuple[str, ...],
    no_tags: bool,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Change name, description or labels of a project.

    Properties without an option do not change.
    """
    given: dict[str, Any] = {"name": name, "description": description, "tags": list(tags) or None}
    fields = {field: value for field, value in given.items() if value is not None}
    if no_tags and tags:
        raise InvalidInputError("use --tag or --no-tags, not both")
    if no_tags:
        fields["tags"] = []
    if not fields:
        raise InvalidInputError("nothing to change: use --name, --description, --tag or --no-tags")
    with replace(command_user, project=project_id).connect() as home:
        changed, zone = home.ask(projects.edit_project, project_id, ProjectEdit(**fields)), home.zone
    if as_json:
        emit_json(changed)
    else:
        _print(changed, zone)


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
