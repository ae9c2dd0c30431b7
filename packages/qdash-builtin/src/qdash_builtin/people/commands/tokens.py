"""Command `qdash token`: access tokens for the host."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_builtin.people.operations import auth, users
from qdash_builtin.people.requests import TokenRequest
from qdash_builtin.people.views.tokens import RevokedTokenDocument, TokenDocument
from qdash_cli import options
from qdash_cli.command_user import CommandUser, user_option
from qdash_cli.operation_commands import add_commands
from qdash_cli.rendering.output import emit, emit_json, print_message, print_table
from qdash_cli.rendering.times import format_time
from qdash_core.documents.pages import PageOf
from qdash_core.errors import InvalidInputError
from qdash_core.models.token import TokenScope

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

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
    help="Lifetime: 12h, 30d, 52w, or never for no expiry; default: 30d, at a host at most that of your own token.",
)
@user_option
@options.json_option
def create(
    name: str | None, scope: str, expires: str | None, command_user: CommandUser, as_json: bool
) -> None:
    """Create a token and print its secret, which is shown only once.

    NAME identifies the token when you revoke it; by default a name is generated. Standard output has only the secret:
    `export QDASH_API_URL=URL QDASH_TOKEN=$(qdash token create)`.
    """
    limits = {} if expires is None else {"expires_at": _end(expires)}
    asked = TokenRequest(name=name or _make_name(), scope=TokenScope(scope), **limits)
    with command_user.connect() as home:
        zone = home.zone  # asked first: nothing may fail between the token and its secret
        own = home.ask(auth.who_am_i).token.expires_at if command_user.asks_host else None
        made = home.ask(auth.create_token, asked)
    if as_json:
        emit_json(made)
        return
    emit(f"{made.secret}\n")
    ends = made.token.expires_at
    until = f"until {format_time(ends, zone)}" if ends else "until it is revoked"
    if ends and ends == own:
        until += ", like the token that made it"
    print_message(
        f"token {made.token.name} with scope {scope} is valid {until}; its secret is not shown again",
        err=True,
    )


@token.command()
@click.argument("name", metavar="NAME")
@click.option("--of", "owner", metavar="USER", help="Owner of the token, for administrators.")
@user_option
@options.json_option
def revoke(name: str, owner: str | None, command_user: CommandUser, as_json: bool) -> None:
    """Revoke a token."""
    with command_user.connect() as home:
        username = owner or home.ask(auth.show_own_user).username
        if owner:
            home.ask(users.revoke_token_of, owner, name)
        else:
            home.ask(auth.revoke_token, name)
    if as_json:
        emit_json(RevokedTokenDocument(name=name, username=username))
    else:
        print_message(f"token {name} of user {username} was revoked")


def _end(expires: str) -> datetime | None:
    from qdash_core.models.times import parse_duration
    from qdash_core.process.clock import machine_now

    if expires.strip() == _NEVER:
        return None
    try:
        return machine_now() + parse_duration(expires)
    except (InvalidInputError, OverflowError) as error:
        raise InvalidInputError(f"--expires: {error}, or {_NEVER}") from None


def _make_name() -> str:
    from secrets import token_hex

    return f"token-{token_hex(_NAME_BYTES)}"


def _print_tokens(documents: Sequence[TokenDocument], zone: ZoneInfo) -> None:
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
            for one in documents
        ),
    )


add_commands(token, users.operations, {PageOf[TokenDocument]: _print_tokens})
