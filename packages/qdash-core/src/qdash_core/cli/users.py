"""Command `qdash user`: create, list, show, disable and off-board users, and set their passwords."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, user_option
from qdash_core.cli.rendering.output import emit_json, say, table
from qdash_core.cli.rendering.times import moment
from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from qdash_core.documents.people import MemberDocument, UserDocument

_named = click.argument("name", metavar="NAME")


@click.group()
def user() -> None:
    """Create, list, show, disable and off-board users, and set passwords."""


@user.command()
@_named
@click.option("--full-name", metavar="TEXT", help="Full name.")
@user_option
@options.as_json
def create(name: str, full_name: str | None, acting: CommandUser, as_json: bool) -> None:
    """Create a user; owners invite them into projects."""
    from qdash_core.documents.people import UserDocument

    with acting.anywhere(changing=True) as qdash:
        made = UserDocument.of(qdash.users.create(name, by=acting.username, full_name=full_name))
    if as_json:
        emit_json(made)
    else:
        say(f"user {name} was created: invite them into a project with `qdash member invite {name}`")


@user.command("list")
@user_option
@options.as_json
def list_users(acting: CommandUser, as_json: bool) -> None:
    """List all users with their projects."""
    from qdash_core.documents.people import UserDocument

    with acting.anywhere() as qdash:
        found = [UserDocument.of(one) for one in qdash.users.everybody(by=acting.username)]
    if as_json:
        emit_json([one.as_json() for one in found])
        return
    table(
        ("user", "full name", "state", "password", "projects"),
        (
            (
                one.username,
                one.full_name,
                _format_state(one),
                _format_boolean(one.has_password),
                ", ".join(map(_format_membership, one.projects)),
            )
            for one in found
        ),
        fold=("full name", "projects"),
    )


@user.command()
@click.argument("name", metavar="[NAME]", required=False)
@user_option
@options.as_json
def show(name: str | None, acting: CommandUser, as_json: bool) -> None:
    """Show a user; default: yourself."""
    from qdash_core.documents.people import UserDocument

    with acting.anywhere() as qdash:
        found = qdash.users.show(name or acting.username, by=acting.username)
        _show(UserDocument.of(found), qdash.zone, as_json)


@user.command()
@_named
@click.option("--full-name", required=True, metavar="TEXT", help="Full name; empty text removes it.")
@user_option
@options.as_json
def edit(name: str, full_name: str, acting: CommandUser, as_json: bool) -> None:
    """Change the full name of a user.

    The name by which they act stays, for it stands in every record.
    """
    from qdash_core.documents.people import UserDocument

    with acting.anywhere() as qdash:
        changed = qdash.users.edit(name, by=acting.username, full_name=full_name)
        _show(UserDocument.of(changed), qdash.zone, as_json)


@user.command()
@_named
@user_option
@options.as_json
def disable(name: str, acting: CommandUser, as_json: bool) -> None:
    """Disable a user until they are enabled again.

    Their memberships and tokens stay, and are worth nothing as long. What they have running or waiting is cancelled.
    """
    from qdash_core.documents.people import UserDocument

    with acting.anywhere(changing=True) as qdash:
        changed = UserDocument.of(qdash.users.edit(name, by=acting.username, disabled=True))
    if as_json:
        emit_json(changed)
    else:
        say(f"user {name} is disabled: undo with `qdash user enable {name}`")


@user.command()
@_named
@user_option
@options.as_json
def enable(name: str, acting: CommandUser, as_json: bool) -> None:
    """Enable a disabled user."""
    from qdash_core.documents.people import UserDocument

    with acting.anywhere(changing=True) as qdash:
        changed = UserDocument.of(qdash.users.edit(name, by=acting.username, disabled=False))
    if as_json:
        emit_json(changed)
    else:
        say(f"user {name} is enabled, in {_format_projects(changed.projects)}")


@user.command("off-board")
@_named
@click.option("--to", metavar="USER", help="User who takes over their projects.")
@click.option("--force", is_flag=True, help="Confirm; without it the consequences are only shown.")
@user_option
@options.as_json
def off_board(name: str, to: str | None, force: bool, acting: CommandUser, as_json: bool) -> None:
    """Off-board a user permanently.

    They are disabled, every membership is revoked, every token ended, every run cancelled. What they did stays on record. Projects that they
    own are named, and go to somebody else first.
    """
    from qdash_core.documents.people import OffBoardingDocument

    with acting.anywhere(changing=True) as qdash:
        done = qdash.users.off_board(name, by=acting.username, to=to, force=force)
    if as_json:
        emit_json(OffBoardingDocument.of(done))
    else:
        say(f"user {name} was off-boarded: {done}")


@user.command()
@_named
@user_option
@options.as_json
def password(name: str, acting: CommandUser, as_json: bool) -> None:
    """Set the password of a user.

    It is typed, or the first line of standard input. From the first password on, unknown names are refused, and only owners of project `default` make and disable users.
    """
    from qdash_core.documents.people import UserDocument

    typed = _read_password()
    with acting.anywhere(changing=True) as qdash:
        qdash.users.set_password(name, typed, by=acting.username)
        changed = UserDocument.of(qdash.users.show(name, by=acting.username))
    if as_json:
        emit_json(changed)
    else:
        say(f"user {name} has a new password")


@user.command()
@click.option("--default-project", metavar="ID", help="Default project.")
@click.option("--time-zone", metavar="ZONE", help="Time zone of displayed times, such as Europe/Zurich.")
@click.option("--theme", type=click.Choice(["system", "light", "dark"]), help="Theme of the dashboard.")
@user_option
@options.as_json
def prefer(
    default_project: str | None, time_zone: str | None, theme: str | None, acting: CommandUser, as_json: bool
) -> None:
    """Change your preferences.

    What is not given stays; nothing ('') takes it back.
    """
    from qdash_core.documents.people import UserDocument

    given = {"default_project_id": default_project, "time_zone": time_zone, "theme": theme}
    preferences: dict[str, Any] = {
        field: value or None for field, value in given.items() if value is not None
    }
    if not preferences:
        raise InvalidInputError("nothing to change: use --default-project, --time-zone or --theme")
    with acting.anywhere(changing=True) as qdash:
        changed = qdash.users.set_preferences(acting.username, **preferences)
        _show(UserDocument.of(changed), qdash.zone, as_json)


def _read_password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def _format_state(found: UserDocument) -> str:
    return "disabled" if found.disabled else "enabled"


def _format_boolean(it_is: bool) -> str:
    return "yes" if it_is else "no"


def _format_membership(membership: MemberDocument) -> str:
    invited = "invited as " if membership.status == "pending" else ""
    return f"{membership.project_id} ({invited}{membership.role})"


def _format_projects(memberships: list[MemberDocument]) -> str:
    return ", ".join(map(_format_membership, memberships)) or "no project"


def _show(found: UserDocument, zone: ZoneInfo, as_json: bool) -> None:
    if as_json:
        emit_json(found)
        return
    full_name = f" ({found.full_name})" if found.full_name else ""
    say(
        f"{found.username}{full_name}: {_format_state(found)}, password: {_format_boolean(found.has_password)}"
    )
    say(f"  projects: {_format_projects(found.projects)}")
    if found.owns:
        say(f"  owns: {', '.join(found.owns)}")
    say(f"  default project: {found.default_project_id or 'default'}")
    say(f"  time zone: {found.time_zone or 'that of the home'}, theme: {found.theme}")
    say(f"  since {moment(found.created_at, zone)}")
