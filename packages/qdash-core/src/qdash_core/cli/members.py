"""Command `qdash member`: members of a project and their roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, acting
from qdash_core.cli.rendering.output import emit_json, say, table
from qdash_core.cli.rendering.times import short_moment
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from qdash_core.models.project import ProjectMembershipModel

ROLES = click.Choice(["owner", "editor", "viewer"])


@click.group()
def member() -> None:
    """List, invite and revoke members of a project, accept, leave, change roles."""


@member.command("list")
@click.option("--all", "everybody", is_flag=True, help="Former members, too.")
@acting
@options.as_json
def list_members(everybody: bool, acting: CommandUser, as_json: bool) -> None:
    """List the members of a project, and those invited."""
    from qdash_core.documents.people import MemberDocument

    with acting.reading() as (qdash, access):
        found = qdash.members.of_project(access)
        zone = qdash.zone
    members = [MemberDocument.of(one) for one in found if everybody or one.status != "revoked"]
    if as_json:
        emit_json([one.as_json() for one in members])
        return
    table(
        ("user", "role", "status", "invited by", "last here"),
        (
            (
                one.username,
                one.role,
                _STATUS[one.status],
                one.invited_by,
                short_moment(one.last_accessed_at, zone),
            )
            for one in members
        ),
    )


_STATUS = {"pending": "invited", "active": "member", "revoked": "former"}


@member.command()
@click.argument("name", metavar="USER")
@click.option("--role", type=ROLES, default="editor", show_default=True, help="What the user is to be.")
@acting
@options.as_json
def invite(name: str, role: str, acting: CommandUser, as_json: bool) -> None:
    """Invite USER into a project: a member once they accept."""
    from qdash_core.models.project import ProjectRole

    with acting.reading() as (qdash, access):
        made = qdash.members.invite(access, name, ProjectRole(role))
    where = f"--project {made.project_id} --user {name}"
    _tell(made, f"is invited as {role}: `qdash member accept {where}`", as_json)


@member.command()
@acting
@options.as_json
def accept(acting: CommandUser, as_json: bool) -> None:
    """Accept the invitation to a project.

    --project names it where there are several.
    """
    with acting.anywhere() as qdash:
        made = qdash.members.accept(acting.username, acting.project)
    _tell(made, f"is {made.role} now", as_json)


@member.command("role")
@click.argument("name", metavar="USER")
@click.argument("role", metavar="owner|editor|viewer", type=ROLES)
@acting
@options.as_json
def change_role(name: str, role: str, acting: CommandUser, as_json: bool) -> None:
    """Make a member owner, editor or viewer."""
    from qdash_core.models.project import ProjectRole

    with acting.reading() as (qdash, access):
        changed = qdash.members.change_role(access, name, ProjectRole(role))
    _tell(changed, f"is {role} now", as_json)


@member.command()
@click.argument("name", metavar="USER")
@acting
@options.as_json
def revoke(name: str, acting: CommandUser, as_json: bool) -> None:
    """Take USER out of a project, or an invitation back.

    They can be invited again.
    """
    with acting.reading() as (qdash, access):
        ended = qdash.members.revoke(access, name)
    _tell(ended, "is not a member any more", as_json)


@member.command()
@acting
@options.as_json
def leave(acting: CommandUser, as_json: bool) -> None:
    """Leave a project, or decline the invitation to it."""
    if acting.project is None:
        raise InvalidInputError(
            "name the project that is left, `--project ID`: only an owner can bring you back"
        )
    with acting.anywhere() as qdash:
        ended = qdash.members.leave(acting.username, acting.project)
    _tell(ended, "is not a member any more", as_json)


def _tell(membership: ProjectMembershipModel, what: str, as_json: bool) -> None:
    from qdash_core.documents.people import MemberDocument

    if as_json:
        emit_json(MemberDocument.of(membership))
    else:
        say(f"project {membership.project_id}: {membership.username} {what}")
