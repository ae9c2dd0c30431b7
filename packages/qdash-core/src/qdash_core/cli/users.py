"""Command `qdash user`: create, list, show, disable and off-board users, and set their passwords."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, user_option
from qdash_core.cli.rendering.output import emit, emit_json, print_message, print_table
from qdash_core.cli.rendering.times import format_time
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from qdash_core.documents.people import MemberDocument, UserDocument
    from qdash_core.operations.transport import Transport

_named = click.argument("name", metavar="NAME")


@click.group()
def user() -> None:
    """Create, list, show, disable and off-board users, and set passwords."""


@user.command()
@_named
@click.option("--full-name", metavar="TEXT", help="Full name.")
@user_option
@options.json_option
def create(name: str, full_name: str | None, command_user: CommandUser, as_json: bool) -> None:
    """Create a user with a personal project; owners invite them into others."""
    from qdash_core.resources.requests.accounts import UserRequest
    from qdash_core.resources.users import create_user

    with command_user.connect() as home:
        made = home.ask(create_user, UserRequest(username=name, full_name=full_name))
    if as_json:
        emit_json(made)
    else:
        print_message(
            f"user {name} was created, with project {made.default_project_id} of their own: invite them into yours with "
            f"`qdash member invite {name}`"
        )


@user.command("list")
@user_option
@options.json_option
def list_users(command_user: CommandUser, as_json: bool) -> None:
    """List all users with their projects."""
    from qdash_core.operations.transport import list_every
    from qdash_core.resources import users

    with command_user.connect() as home:
        found = list(list_every(home, users.list_users))
    if as_json:
        emit_json(found)
        return
    print_table(
        ("user", "full name", "state", "password", "projects"),
        (
            (
                one.username,
                one.full_name,
                _describe_state(one),
                _format_yes_or_no(one.has_password),
                ", ".join(map(_describe_membership, one.projects)),
            )
            for one in found
        ),
        fold=("full name", "projects"),
    )


@user.command()
@click.argument("name", metavar="[NAME]", required=False)
@user_option
@options.json_option
def show(name: str | None, command_user: CommandUser, as_json: bool) -> None:
    """Show a user; default: yourself."""
    from qdash_core.resources.auth import show_own_user
    from qdash_core.resources.users import show_user

    with command_user.connect() as home:
        found = home.ask(show_user, name) if name else home.ask(show_own_user)
        _show(found, home.zone, as_json)


@user.command()
@_named
@click.option("--full-name", required=True, metavar="TEXT", help="Full name; empty text removes it.")
@user_option
@options.json_option
def edit(name: str, full_name: str, command_user: CommandUser, as_json: bool) -> None:
    """Change the full name of a user.

    The user name cannot change, because every record refers to it.
    """
    with command_user.connect() as home:
        _show(_edit(home, name, full_name=full_name), home.zone, as_json)


@user.command()
@_named
@user_option
@options.json_option
def disable(name: str, command_user: CommandUser, as_json: bool) -> None:
    """Disable a user until they are enabled again.

    Their memberships and tokens stay, but have no effect until then. Their running and waiting runs are cancelled.
    """
    with command_user.connect() as home:
        changed = _edit(home, name, disabled=True)
    if as_json:
        emit_json(changed)
    else:
        print_message(f"user {name} is disabled: undo with `qdash user enable {name}`")


@user.command()
@_named
@user_option
@options.json_option
def enable(name: str, command_user: CommandUser, as_json: bool) -> None:
    """Enable a disabled user."""
    with command_user.connect() as home:
        changed = _edit(home, name, disabled=False)
    if as_json:
        emit_json(changed)
    else:
        print_message(f"user {name} is enabled, in {_describe_memberships(changed.projects)}")


@user.command("off-board")
@_named
@click.option("--to", metavar="USER", help="User who takes over their projects.")
@click.option("--force", is_flag=True, help="Confirm; without it the consequences are only shown.")
@user_option
@options.json_option
def off_board(name: str, to: str | None, force: bool, command_user: CommandUser, as_json: bool) -> None:
    """Off-board a user permanently.

    The user is disabled, memberships and tokens are revoked, and runs are cancelled. Records stay. Projects that the user owns
    must be transferred first, or go to the user of --to.
    """
    from qdash_core.resources import users
    from qdash_core.resources.requests.accounts import OffBoardingRequest

    with command_user.connect() as home:
        document = home.ask(users.off_board, name, OffBoardingRequest(to=to, force=force))
    if as_json:
        emit_json(document)
        return
    print_message(document.describe())
    if not document.applied:
        print_message("nothing was changed: repeat the command with --force")


@user.command()
@_named
@user_option
@options.json_option
def password(name: str, command_user: CommandUser, as_json: bool) -> None:
    """Set the password of a user.

    The password is read from the terminal, or from the first line of standard input. Once a user has a password, unknown names are refused, and only owners of project `default` create and disable users.
    """
    from qdash_core.documents.people import UserDocument

    typed = _read_password()
    with command_user.open_without_project(changing=True) as qdash:
        qdash.users.set_password(name, typed, by=command_user.username)
        changed = UserDocument.from_view(qdash.users.show(name, by=command_user.username))
    if as_json:
        emit_json(changed)
    else:
        print_message(f"user {name} has a new password")


@user.command()
@_named
@user_option
@options.json_option
def link(name: str, command_user: CommandUser, as_json: bool) -> None:
    """Create a one-time link for setting a user's password. It replaces any earlier link.

    Only the link is written to standard output. It leads to the dashboard of QDASH_DASHBOARD_URL, or to the host of QDASH_API_URL.
    """
    from qdash_core.resources.users import invite_to_set_up

    with command_user.connect() as home:
        document = home.ask(invite_to_set_up, name)
        until = format_time(document.expires_at, home.zone)
    if as_json:
        emit_json(document)
        return
    emit(f"{document.url}\n")
    print_message(f"{name} can set a password with this link once, until {until}", err=True)


@user.command()
@click.option("--default-project", metavar="ID", help="Default project.")
@click.option("--time-zone", metavar="ZONE", help="Time zone of displayed times, such as Europe/Zurich.")
@click.option("--theme", type=click.Choice(["system", "light", "dark"]), help="Theme of the dashboard.")
@user_option
@options.json_option
def prefer(
    default_project: str | None,
    time_zone: str | None,
    theme: str | None,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Change your preferences.

    Preferences without an option do not change; an empty value ('') resets one.
    """
    from qdash_core.resources.auth import set_preferences
    from qdash_core.resources.requests.accounts import PreferencesRequest

    given = {"default_project_id": default_project, "time_zone": time_zone, "theme": theme}
    preferences: dict[str, Any] = {
        field: value or None for field, value in given.items() if value is not None
    }
    if not preferences:
        raise InvalidInputError("nothing to change: use --default-project, --time-zone or --theme")
    with command_user.connect() as home:
        _show(home.ask(set_preferences, PreferencesRequest(**preferences)), home.zone, as_json)


def _edit(home: Transport, name: str, **fields: Any) -> UserDocument:
    from qdash_core.resources.requests.accounts import UserEdit
    from qdash_core.resources.users import edit_user

    return home.ask(edit_user, name, UserEdit(**fields))


def _read_password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def _describe_state(found: UserDocument) -> str:
    return "disabled" if found.disabled else "enabled"


def _format_yes_or_no(it_is: bool) -> str:
    return "yes" if it_is else "no"


def _describe_membership(membership: MemberDocument) -> str:
    invited = "invited as " if membership.status == "pending" else ""
    return f"{membership.project_id} ({invited}{membership.role})"


def _describe_memberships(memberships: list[MemberDocument]) -> str:
    return ", ".join(map(_describe_membership, memberships)) or "no project"


def _show(found: UserDocument, zone: ZoneInfo, as_json: bool) -> None:
    if as_json:
        emit_json(found)
        return
    full_name = f" ({found.full_name})" if found.full_name else ""
    print_message(
        f"{found.username}{full_name}: {_describe_state(found)}, password: {_format_yes_or_no(found.has_password)}"
    )
    print_message(f"  projects: {_describe_memberships(found.projects)}")
    if found.owns:
        print_message(f"  owns: {', '.join(found.owns)}")
    print_message(f"  default project: {found.default_project_id or 'default'}")
    print_message(f"  time zone: {found.time_zone or 'that of the home'}, theme: {found.theme}")
    print_message(f"  since {format_time(found.created_at, zone)}")
