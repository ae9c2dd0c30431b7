"""Command `qdash member`: members of a project and their roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.operation_commands import add_commands
from qdash_core.cli.rendering.output import emit_json, print_message, print_table
from qdash_core.cli.rendering.times import format_short_time
from qdash_core.errors import InvalidInputError
from qdash_core.operations.transport import list_every
from qdash_core.resources import members

if TYPE_CHECKING:
    from qdash_core.documents.people import MemberDocument


@click.group()
def member() -> None:
    """List, invite and remove members of a project, accept invitations, change roles."""


add_commands(member, members.operations)


@member.command("list")
@click.option("--all", "everybody", is_flag=True, help="Include former members.")
@access_options
@options.json_option
def list_members(everybody: bool, command_user: CommandUser, as_json: bool) -> None:
    """List members and invited users of a project."""
    with command_user.connect() as home:
        every = list_every(home, members.list_members, home.project_id)
        found = [one for one in every if everybody or one.status != "revoked"]
        zone = home.zone
    if as_json:
        emit_json(found)
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
            for one in found
        ),
    )


_STATUS = {"pending": "invited", "active": "member", "revoked": "former"}


@member.command()
@access_options
@options.json_option
def accept(command_user: CommandUser, as_json: bool) -> None:
    """Accept the invitation to a project.

    With several invitations, select one with --project.
    """
    with command_user.connect() as home:
        if command_user.project is None:
            made = home.ask(members.accept_only_invitation)
        else:
            made = home.ask(members.accept_invitation, command_user.project)
    _show(made, f"is now {made.role}", as_json)


@member.command()
@access_options
@options.json_option
def leave(command_user: CommandUser, as_json: bool) -> None:
    """Leave a project, or decline the invitation to it."""
    if command_user.project is None:
        raise InvalidInputError(
            "name the project to leave with `--project ID`: only an owner can invite you again"
        )
    with command_user.connect() as home:
        ended = home.ask(members.leave_project, command_user.project)
    _show(ended, "is no longer a member", as_json)


def _show(membership: MemberDocument, what: str, as_json: bool) -> None:
    if as_json:
        emit_json(membership)
    else:
        print_message(f"project {membership.project_id}: {membership.username} {what}")
