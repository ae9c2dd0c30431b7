"""Command `qdash token`: access tokens for the host."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, user_option
from qdash_core.cli.rendering.output import emit, emit_json, print_message, print_table
from qdash_core.cli.rendering.times import format_time
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from datetime import datetime

_SCOPES = ("read", "write", "admin")
_NEVER = "never"
_NAME_BYTES = 4


@click.group()
def token() -> None:
    """Create, list and revoke access tokens for the host."""


@token.command()
@click.argument("name", metavar="[NAME]", required=False)
@click.option(
    "--scope",
    type=click.Choice(_SCOPES),
    default="read",
    show_default=True,
    help="Scope: read like a viewer, write like an editor, or everything that you may do.",
)
@click.option(
    "--expires",
    metavar="TIME",
    default="30d",
    show_default=True,
    help="Lifetime: 12h, 30d, 52w, or never for no expiry.",
)
@user_option
@options.json_option
def create(name: str | None, scope: str, expires: str, command_user: CommandUser, as_json: bool) -> None:
    """Create a token and print its secret, which is shown only once.

    NAME identifies the token when you revoke it; by default a name is generated. Standard output has only the secret: `export
    QDASH_TOKEN=$(qdash token create)`.
    """
    from qdash_core.documents.tokens import NewTokenDocument
    from qdash_core.models.token import TokenScope

    ends = _end(expires)
    with command_user.open_without_project(changing=True) as qdash:
        secret, made = qdash.tokens.create(
            command_user.username, name or _make_name(), scope=TokenScope(scope), expires_at=ends
        )
        zone = qdash.zone
    if as_json:
        emit_json(NewTokenDocument.from_token(secret, made))
        return
    emit(f"{secret}\n")
    until = f"until {format_time(ends, zone)}" if ends else "until it is revoked"
    print_message(
        f"token {made.name} with scope {scope} is valid {until}; its secret is not shown again", err=True
    )


@token.command("list")
@click.argument("owner", metavar="[USER]", required=False)
@user_option
@options.json_option
def list_tokens(owner: str | None, command_user: CommandUser, as_json: bool) -> None:
    """List the tokens and login sessions of a user; default: your own."""
    from qdash_core.documents.tokens import TokenDocument

    with command_user.open_without_project() as qdash:
        found = qdash.tokens.list_by_user(owner or command_user.username, by=command_user.username)
        zone = qdash.zone
    shown = [
        TokenDocument.from_record(one)
        for one in sorted(found, key=lambda one: (one.kind != "token", one.name))
    ]
    if as_json:
        emit_json(shown)
        return
    if not shown:
        print_message("no tokens yet: create one with `qdash token create`")
        return
    print_table(
        ("token", "kind", "scope", "made", "expires", "last used"),
        (
            (
                one.name,
                one.kind,
                one.scope,
                format_time(one.created_at, zone),
                format_time(one.expires_at, zone) or _NEVER,
                format_time(one.last_used_at, zone),
            )
            for one in shown
        ),
    )


@token.command()
@click.argument("name", metavar="NAME")
@click.option("--of", "owner", metavar="USER", help="Owner of the token, for administrators.")
@user_option
@options.json_option
def revoke(name: str, owner: str | None, command_user: CommandUser, as_json: bool) -> None:
    """Revoke a token."""
    from qdash_core.documents.tokens import RevokedTokenDocument

    username = owner or command_user.username
    with command_user.open_without_project(changing=True) as qdash:
        qdash.tokens.revoke(username, name, by=command_user.username)
    if as_json:
        emit_json(RevokedTokenDocument(name=name, username=username))
    else:
        print_message(f"token {name} of user {username} was revoked")


def _end(expires: str) -> datetime | None:
    from qdash_core.clock import machine_now
    from qdash_core.models.times import parse_duration

    if expires.strip() == _NEVER:
        return None
    try:
        return machine_now() + parse_duration(expires)
    except (InvalidInputError, OverflowError) as error:
        raise InvalidInputError(f"--expires: {error}, or {_NEVER}") from None


def _make_name() -> str:
    from secrets import token_hex

    return f"token-{token_hex(_NAME_BYTES)}"
