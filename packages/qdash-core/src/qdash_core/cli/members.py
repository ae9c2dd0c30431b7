"""Command `qdash member`: members of a project and their roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_core.cli.operation_commands import add_commands
from qdash_core.cli.rendering.output import print_table
from qdash_core.cli.rendering.times import format_short_time
from qdash_core.documents.pages import PageOf
from qdash_core.documents.people import MemberDocument
from qdash_core.resources import members

if TYPE_CHECKING:
    from collections.abc import Sequence
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


add_commands(member, members.operations, {PageOf[MemberDocument]: _print_members})
