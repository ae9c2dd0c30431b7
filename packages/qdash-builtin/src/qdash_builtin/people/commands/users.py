"""Command `qdash user`: create, list, show, disable and off-board users, and set their passwords."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from qdash_builtin.people.operations import auth, users
from qdash_builtin.people.requests import NewPasswordRequest, PasswordRequest
from qdash_builtin.people.views.people import MemberDocument, OffBoardingDocument, UserDocument
from qdash_builtin.people.views.tokens import SetUpLinkDocument
from qdash_cli import options
from qdash_cli.command_user import CommandUser, user_option
from qdash_cli.operation_commands import DerivedCommand, add_commands
from qdash_cli.rendering.output import emit, emit_json, print_message
from qdash_cli.rendering.times import format_time
from qdash_core.operations.command import Command

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


@click.group()
def user() -> None:
    """Create, list, show, disable and off-board users, and set passwords."""


@user.command()
@click.argument("name", metavar="NAME")
@user_option
@options.json_option
def password(name: str, command_user: CommandUser, as_json: bool) -> None:
    """Set the password of a user: your own, or that of another user, as an administrator.

    The password is read from the terminal, or from the first line of standard input; at a host, your present one comes first. Once a user
    has a password, unknown names are refused, and only owners of project `default` create and disable users.
    """
    with command_user.connect() as home:
        if command_user.asks_host and home.ask(auth.show_own_user).username == name:
            old = _read_password("Present password", confirm=False)
            home.ask(auth.change_password, PasswordRequest(old=old, new=_read_password("New password")))
            changed = home.ask(auth.show_own_user)
        else:
            changed = home.ask(users.set_password, name, NewPasswordRequest(password=_read_password()))
    if as_json:
        emit_json(changed)
    else:
        print_message(f"user {name} has a new password")


def _read_password(prompt: str = "Password", *, confirm: bool = True) -> str:
    if sys.stdin.isatty():
        return str(click.prompt(prompt, hide_input=True, confirmation_prompt=confirm, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def _print_user(found: UserDocument, zone: ZoneInfo) -> None:
    full_name = f" ({found.full_name})" if found.full_name else ""
    password = "yes" if found.has_password else "no"
    print_message(f"{found.username}{full_name}: {found.state}, password: {password}")
    print_message(f"  projects: {_name_projects(found.projects)}")
    if found.owns:
        print_message(f"  owns: {', '.join(found.owns)}")
    print_message(f"  default project: {found.default_project_id or 'default'}")
    print_message(f"  time zone: {found.time_zone or 'that of the home'}, theme: {found.theme}")
    print_message(f"  since {format_time(found.created_at, zone)}")


def _print_enabled(found: UserDocument, _zone: ZoneInfo, _sent: object) -> None:
    print_message(f"user {found.username} is enabled, in {_name_projects(found.projects)}")


def _print_off_boarding(document: OffBoardingDocument, _zone: ZoneInfo) -> None:
    print_message(document.describe())
    if not document.applied:
        print_message("nothing was changed: repeat the command with --force")


def _print_link(document: SetUpLinkDocument, zone: ZoneInfo) -> None:
    emit(f"{document.url}\n")
    until = format_time(document.expires_at, zone)
    print_message(f"{document.username} can set a password with this link once, until {until}", err=True)


def _name_projects(memberships: list[MemberDocument]) -> str:
    return ", ".join(map(str, memberships)) or "no project"


_TEXTS: dict[Any, Any] = {
    UserDocument: _print_user,
    "user enable": _print_enabled,
    OffBoardingDocument: _print_off_boarding,
    SetUpLinkDocument: _print_link,
}
for _operations in (users.operations, auth.operations):
    add_commands(user, _operations, _TEXTS)
for _command in (
    Command(
        "user disable",
        says="user {username} is disabled: undo with `qdash user enable {username}`",
        help="Disable a user until they are enabled again.\n\n"
        "Their memberships and tokens stay, but have no effect until then. Their running and waiting runs are cancelled.",
        sends={"disabled": True},
    ),
    Command("user enable", help="Enable a disabled user.", sends={"disabled": False}),
):
    user.add_command(DerivedCommand(users.edit_user, _command, _TEXTS))
