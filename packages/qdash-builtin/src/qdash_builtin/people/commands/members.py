"""Command `qdash member`: members of a project and their roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from qdash_builtin.people.operations import members
from qdash_builtin.people.views.people import MemberDocument
from qdash_cli.hosts import choose_host
from qdash_cli.operation_commands import add_commands
from qdash_cli.rendering.output import print_message, print_table
from qdash_cli.rendering.times import format_short_time
from qdash_core.documents.pages import PageOf

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo


@click.group()
def member() -> None:
    """List, invite and remove members of a project, accept invitations, change roles."""


_STATUS = {"pending": "invited", "active": "member", "revoked": "former"}


def _print_members(documents: Sequence[MemberDocument], zone: ZoneInfo) -> None:
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
            for one in documents
        ),
    )


def _print_invitation(invited: MemberDocument, _zone: ZoneInfo, _sent: Mapping[str, Any]) -> None:
    profile = click.get_current_context().params["profile"]
    user = f" --user {invited.username}" if choose_host(profile) is None else ""
    print_message(
        f"project {invited.project_id}: {invited.username} is invited as {invited.role}; "
        f"they accept with `qdash member accept --project {invited.project_id}{user}`"
    )


add_commands(
    member,
    members.operations,
    {PageOf[MemberDocument]: _print_members, "member invite": _print_invitation},
)
