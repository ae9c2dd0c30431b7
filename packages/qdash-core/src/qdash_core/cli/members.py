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
    from qdash_core.documents.people import MemberDocument

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
    from qdash_core.operations.transport import list_every
    from qdash_core.resources import members as operations

    with command_user.connect() as home:
        found = list(list_every(home, operations.list_members, home.project_id))
        zone = home.zone
    members = [one for one in found if everybody or one.status != "revoked"]
    if as_json:
        emit_json(members)
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
    from qdash_core.resources.members import invite_member
    from qdash_core.resources.requests.accounts import InvitationRequest

    asked = InvitationRequest(username=name, role=ProjectRole(role))
    with command_user.connect() as home:
        made = home.ask(invite_member, home.project_id, asked)
    where = f"--project {made.project_id} --user {name}"
    _show(made, f"is invited as {role}; accept with `qdash member accept {where}`", as_json)


@member.command()
@access_options
@options.json_option
def accept(command_user: CommandUser, as_json: bool) -> None:
    """Accept the invitation to a project.

    With several invitations, select one with --project.
    """
    from qdash_core.resources.members import accept_invitation, accept_only_invitation

    with command_user.connect() as home:
        if command_user.project is None:
            made = home.ask(accept_only_invitation)
        else:
            made = home.ask(accept_invitation, command_user.project)
    _show(made, f"is now {made.role}", as_json)


@member.command("role")
@click.argument("name", metavar="USER")
@click.argument("role", metavar="owner|editor|viewer", type=ROLES)
@access_options
@options.json_option
def change_role(name: str, role: str, command_user: CommandUser, as_json: bool) -> None:
    """Make a member owner, editor or viewer."""
    from qdash_core.models.project import ProjectRole
    from qdash_core.resources import members
    from qdash_core.resources.requests.accounts import RoleRequest

    with command_user.connect() as home:
        changed = home.ask(members.change_role, home.project_id, name, RoleRequest(role=ProjectRole(role)))
    _show(changed, f"is now {role}", as_json)


@member.command()
@click.argument("name", metavar="USER")
@access_options
@options.json_option
def revoke(name: str, command_user: CommandUser, as_json: bool) -> None:
    """Remove USER from a project, or withdraw an invitation.

    The user can be invited again.
    """
    from qdash_core.resources.members import revoke_member

    with command_user.connect() as home:
        ended = home.ask(revoke_member, home.project_id, name)
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
    from qdash_core.resources.members import leave_project

    with command_user.connect() as home:
        ended = home.ask(leave_project, command_user.project)
    _show(ended, "is no longer a member", as_json)


def _show(membership: MemberDocument, what: str, as_json: bool) -> None:
    if as_json:
        emit_json(membership)
    else:
        print_message(f"project {membership.project_id}: {membership.username} {what}")
