"""Command `qdash project`: create, list, show, edit, transfer and delete projects."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, user_option
from qdash_core.cli.rendering.output import emit_json, print_message, print_table
from qdash_core.cli.rendering.times import format_time
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from qdash_core.documents.people import ProjectDocument

_named = click.argument("project_id", metavar="PROJECT")
_tags = click.option("--tag", "tags", multiple=True, metavar="TAG", help="Label; may be repeated.")


@click.group()
def project() -> None:
    """Create, list, show, edit, transfer and delete projects."""


@project.command()
@_named
@click.option("--name", metavar="TEXT", help="Display name; default: its id.")
@click.option("--description", metavar="TEXT", help="Description.")
@_tags
@user_option
@options.json_option
def create(
    project_id: str,
    name: str | None,
    description: str | None,
    tags: tuple[str, ...],
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Create a project that belongs to you."""
    from qdash_core.resources.projects import create_project
    from qdash_core.resources.requests.accounts import ProjectRequest

    asked = ProjectRequest(project_id=project_id, name=name, description=description, tags=list(tags))
    with command_user.connect() as home:
        _show(home.ask(create_project, asked), home.zone, as_json)


@project.command("list")
@user_option
@options.json_option
def list_projects(command_user: CommandUser, as_json: bool) -> None:
    """List the projects of a user, and invitations."""
    from qdash_core.operations.transport import list_every
    from qdash_core.resources import projects

    with command_user.connect() as home:
        found = list(list_every(home, projects.list_projects))
    if as_json:
        emit_json(found)
    elif found:
        print_table(
            ("project", "name", "owner", "you are", "tags"),
            (
                (one.project_id, one.name, one.owner, _describe_role(one), ", ".join(one.tags))
                for one in found
            ),
            fold=("name", "tags"),
        )
    else:
        print_message(
            "you are in no project: create one with `qdash project create`, or ask an owner for an invitation"
        )


@project.command()
@click.argument("project_id", metavar="[PROJECT]", required=False)
@user_option
@options.json_option
def show(project_id: str | None, command_user: CommandUser, as_json: bool) -> None:
    """Show a project, by default the user's own."""
    from qdash_core.resources.projects import show_project

    with replace(command_user, project=project_id).connect() as home:
        _show(home.ask(show_project, home.project_id), home.zone, as_json)


@project.command()
@_named
@click.option("--name", metavar="TEXT", help="Display name.")
@click.option("--description", metavar="TEXT", help="Description; empty text removes it.")
@_tags
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
    from qdash_core.resources.projects import edit_project
    from qdash_core.resources.requests.accounts import ProjectEdit

    given: dict[str, Any] = {"name": name, "description": description, "tags": list(tags) or None}
    fields = {field: value for field, value in given.items() if value is not None}
    if no_tags and tags:
        raise InvalidInputError("use --tag or --no-tags, not both")
    if no_tags:
        fields["tags"] = []
    if not fields:
        raise InvalidInputError("nothing to change: use --name, --description, --tag or --no-tags")
    with replace(command_user, project=project_id).connect() as home:
        _show(home.ask(edit_project, project_id, ProjectEdit(**fields)), home.zone, as_json)


@project.command()
@_named
@click.option("--to", required=True, metavar="USER", help="Member who becomes the owner.")
@user_option
@options.json_option
def transfer(project_id: str, to: str, command_user: CommandUser, as_json: bool) -> None:
    """Transfer a project to another member.

    The former owner remains a member with the role owner, and may leave.
    """
    from qdash_core.resources.projects import transfer_project
    from qdash_core.resources.requests.accounts import TransferRequest

    with replace(command_user, project=project_id).connect() as home:
        moved = home.ask(transfer_project, project_id, TransferRequest(to=to))
    if as_json:
        emit_json(moved)
    else:
        print_message(f"project {project_id} now belongs to {to}")


@project.command()
@_named
@user_option
@options.json_option
def delete(project_id: str, command_user: CommandUser, as_json: bool) -> None:
    """Delete an empty project."""
    from qdash_core.resources.projects import delete_project

    with replace(command_user, project=project_id).connect() as home:
        deleted = home.ask(delete_project, project_id)
    if as_json:
        emit_json(deleted)
    else:
        print_message(f"project {project_id} was deleted")


def _describe_role(found: ProjectDocument) -> str:
    return f"invited as {found.role}" if found.status == "pending" else str(found.role)


def _show(found: ProjectDocument, zone: ZoneInfo, as_json: bool) -> None:
    if as_json:
        emit_json(found)
        return
    print_message(f"{found.project_id}: {found.name}, owned by {found.owner}")
    if found.description:
        print_message(f"  {found.description}")
    if found.tags:
        print_message(f"  tags: {', '.join(found.tags)}")
    if found.role is not None:
        print_message(f"  you are: {_describe_role(found)}")
    if found.contents is not None:
        held = ", ".join(f"{what}: {count}" for what, count in found.contents.items())
        print_message(f"  holds: {held or 'nothing yet'}")
    print_message(f"  since {format_time(found.created_at, zone)}")
