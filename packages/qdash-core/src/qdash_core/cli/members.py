"""Command `qdash member`: members of a project and their roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.rendering.output import emit_json, print_message, print_table
from qdash_core.cli.rendering.times import format_short_time
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from qdash_core.models.project import ProjectMembershipModel

ROLES = click.Choice(["owner", "editor", "viewer"])


@click.group()
def member() -> None:
    """List, invite and remove members of a project, accept invitations, change roles."""


@member.command("list")
@click.option("--all", "everybody", is_flag=True, help="Include former members.")
@access_options
@options.json_option
def list_members(everybody: bool, command_user: CommandUser, as_json: bool) -> None:
    """List members and invited users of a project."""
    from qdash_core.documents.people import MemberDocument

    with command_user.open_for_reading() as (qdash, access):
        found = qdash.members.list_by_project(access)
        zone = qdash.zone
    members = [MemberDocument.from_record(one) for one in found if everybody or one.status != "revoked"]
    if as_json:
        emit_json([one.as_json() for one in members])
        return
    print_table(
        ("user", "role", "status", "invited by", "last active"),
        (
            (
                one.username,
                one.role,
                _STATUS[one.status],
                one.invited_by,
                format_short_time(one.last_accessed_at, zone),
            )
            for one in members
        ),
    )


_STATUS = {"pending": "invited", "active": "member", "revoked": "former"}


@member.command()
@click.argument("name", metavar="USER")
@click.option("--role", type=ROLES, default="editor", show_default=True, help="Role of the user.")
@access_options
@options.json_option
def invite(name: str, role: str, command_user: CommandUser, as_json: bool) -> None:
    """Invite USER into a project; the user becomes a member by accepting."""
    from qdash_core.models.project import ProjectRole

    with command_user.open_for_reading() as (qdash, access):
        made = qdash.members.invite(access, name, ProjectRole(role))
    where = f"--project {made.project_id} --user {name}"
    _show(made, f"is invited as {role}; accept with `qdash member accept {where}`", as_json)


@member.command()
@access_options
@options.json_option
def accept(command_user: CommandUser, as_json: bool) -> None:
    """Accept the invitation to a project.

    With several invitations, select one with --project.
    """
    with command_user.open_without_project() as qdash:
        made = qdash.members.accept(command_user.username, command_user.project)
    _show(made, f"is now {made.role}", as_json)


@member.command("role")
@click.argument("name", metavar="USER")
@click.argument("role", metavar="owner|editor|viewer", type=ROLES)
@access_options
@options.json_option
def change_role(name: str, role: str, command_user: CommandUser, as_json: bool) -> None:
    """Make a member owner, editor or viewer."""
    from qdash_core.models.project import ProjectRole

    with command_user.open_for_reading() as (qdash, access):
        changed = qdash.members.change_role(access, name, ProjectRole(role))
    _show(changed, f"is now {role}", as_json)


@member.command()
@click.argument("name", metavar="USER")
@access_options
@options.json_option
def revoke(name: str, command_user: CommandUser, as_json: bool) -> None:
    """Remove USER from a project, or withdraw an invitation.

    The user can be invited again.
    """
    with command_user.open_for_reading() as (qdash, access):
        ended = qdash.members.revoke(access, name)
    _show(ended, "is no longer a member", as_json)


@member.command()
@access_options
@options.json_option
def leave(command_user: CommandUser, as_json: bool) -> None:
    """Leave a project, or decline the invitation to it."""
    if command_user.project is None:
        raise InvalidInputError(
            "name the project to leave with `--project ID`: only an owner can invite you again"
        )
    with command_user.open_without_project() as qdash:
        ended = qdash.members.leave(command_user.username, command_user.project)
    _show(ended, "is no longer a member", as_json)


def _show(membership: ProjectMembershipModel, what: str, as_json: bool) -> None:
    from qdash_core.documents.people import MemberDocument

    if as_json:
        emit_json(MemberDocument.from_record(membership))
    else:
        print_message(f"project {membership.project_id}: {membership.username} {what}")
