"""Command-line user and project: the options `--project` and `--user`, and the access that they give."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from qdash_cli.hosts import ProfileOption, choose_host, open_host, refuse_host

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.models.access import Access
    from qdash_core.models.project import ProjectRole
    from qdash_core.operations.transport import Transport
    from qdash_core.runtime.application import QDash


@dataclass(frozen=True, slots=True)
class CommandUser:
    """The user and project of a command; None stands for the user's default project, and the usual host or home."""

    username: str
    project: str | None
    profile: str | None = None

    @property
    def asks_host(self) -> bool:
        """True if a host is named."""
        return choose_host(self.profile) is not None

    @property
    def profile_option(self) -> str:
        """The option `--profile` that the command was given, preceded by a space, or an empty text."""
        return f" --profile {self.profile}" if self.profile else ""

    def make_options(self, project_id: str) -> str:
        """Return the options with which further commands of this user ask the same home or host for a project, each after a space."""
        from qdash_core.models.project import make_command_options

        return make_command_options(project_id, self.username) + self.profile_option

    @contextmanager
    def connect(self, *, trusted_files: bool = True) -> Iterator[Transport]:
        """Yield the transport of operations for this user and project: to a host if one is named, else to the home of this machine.

        With `trusted_files` operations may name files of this machine, which its processes then read and run.
        """
        if (host := open_host(self.profile, self.project)) is not None:
            with host as transport:
                yield transport
            return
        from qdash_core.operations.local_transport import LocalTransport
        from qdash_core.runtime.application import open_qdash

        with open_qdash() as qdash:
            yield LocalTransport(qdash, self.username, self.project, trusted_files=trusted_files)

    @contextmanager
    def open_for_reading(self) -> Iterator[tuple[QDash, Access]]:
        """Open QDash and yield it with read access; raise AccessDeniedError if the user may not read."""
        from qdash_core.runtime.application import open_qdash

        refuse_host(self.profile)
        with open_qdash() as qdash:
            yield qdash, qdash.access(self.username, self.project)

    @contextmanager
    def open_for_writing(self, role: ProjectRole | None = None) -> Iterator[tuple[QDash, Access]]:
        """Open QDash and yield it with write access; raise AccessDeniedError if the user may not write.

        The required role is None for an editor.
        """
        from qdash_core.runtime.application import open_qdash

        refuse_host(self.profile)
        with open_qdash() as qdash:
            yield qdash, self.make_access(qdash, role)

    @contextmanager
    def open_without_project(self, *, changing: bool = False) -> Iterator[QDash]:
        """Open QDash and yield it for operations outside projects; services refuse unknown or disabled users.

        A `changing` command writes: an unknown user is then enrolled, if no user has a password.
        """
        from qdash_core.runtime.application import open_qdash

        refuse_host(self.profile)
        with open_qdash() as qdash:
            if changing:
                qdash.enroll(self.username)
            yield qdash

    def make_access(self, qdash: QDash, role: ProjectRole | None = None) -> Access:
        """Return access with a role, by default editor; enroll an unknown user if no user has a password."""
        from qdash_core.models.project import ProjectRole

        qdash.enroll(self.username, self.project)
        return qdash.access(self.username, self.project, role or ProjectRole.EDITOR)


def _get_default_user() -> str:
    # Importing the models takes longer than all of `--help`.
    from qdash_core.models.project import DEFAULT_USER

    return DEFAULT_USER


def access_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options `--project` and `--user` to a command, passed as one argument `command_user`."""

    @wraps(command)
    def with_access(*args: Any, project: str | None, user: str, profile: str | None, **options: Any) -> Any:
        return command(*args, command_user=_make_user(user, project, profile), **options)

    project_option = click.option("--project", metavar="ID", help="Project; default: the user's own.")
    return project_option(_add_user_option(with_access))


def user_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option `--user` to a command that needs no project, passed as the argument `command_user`."""

    @wraps(command)
    def with_access(*args: Any, user: str, profile: str | None, **options: Any) -> Any:
        return command(*args, command_user=_make_user(user, None, profile), **options)

    return _add_user_option(with_access)


def _make_user(username: str, project: str | None, profile: str | None) -> CommandUser:
    """Return the user of a command; raise InvalidInputError if it names a user and a host, whose token names one."""
    from qdash_core.errors import InvalidInputError

    given = click.get_current_context().get_parameter_source("user") is not ParameterSource.DEFAULT
    if given and (named := choose_host(profile)) is not None:
        raise InvalidInputError(f"{named}, where the token says who you are: omit --user")
    return CommandUser(username, project, profile)


def _add_user_option(command: Callable[..., Any]) -> Callable[..., Any]:
    option = click.option(
        "--user",
        metavar="NAME",
        default=_get_default_user,
        show_default="admin",
        help="User who runs the command, on the home of this machine.",
    )
    profile = click.option(
        "--profile",
        cls=ProfileOption,
        metavar="NAME",
        help="Host to ask, as named by `qdash login`; local: the home of this machine.",
    )
    return option(profile(command))
