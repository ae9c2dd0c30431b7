"""Command-line user and project: the options `--project` and `--user`, and the access that they give."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qdash_core.application import QDash
    from qdash_core.models.access import Access
    from qdash_core.models.project import ProjectRole
    from qdash_core.operations.transport import Transport


HOST_VARIABLES = ("QDASH_API_URL", "QDASH_TOKEN")
"""Variables that name a host and a user there, which together mean that the host is wanted."""
_AT_HOME = ("user link",)
"""Commands with a user that work on the home of the machine beside a host."""


@dataclass(frozen=True, slots=True)
class CommandUser:
    """The user and project of a command.

    Parameters
    ----------
    username : str
        The user.
    project : str or None
        The project, or None for the user's default project.
    """

    username: str
    project: str | None

    @contextmanager
    def connect(self) -> Iterator[Transport]:
        """Yield the transport of operations for this user and project: to the home of this machine."""
        from qdash_core.application import open_qdash
        from qdash_core.operations.local_transport import LocalTransport

        _refuse_host()
        with open_qdash() as qdash:
            yield LocalTransport(qdash, self.username, self.project)

    @contextmanager
    def open_for_reading(self) -> Iterator[tuple[QDash, Access]]:
        """Open QDash and yield it with read access; raise AccessDeniedError if the user may not read."""
        from qdash_core.application import open_qdash

        _refuse_host()
        with open_qdash() as qdash:
            yield qdash, qdash.access(self.username, self.project)

    @contextmanager
    def open_for_writing(self, role: ProjectRole | None = None) -> Iterator[tuple[QDash, Access]]:
        """Open QDash and yield it with write access; raise AccessDeniedError if the user may not write.

        Parameters
        ----------
        role : ProjectRole or None
            The required role, or None for an editor.
        """
        from qdash_core.application import open_qdash

        _refuse_host()
        with open_qdash() as qdash:
            yield qdash, self.make_access(qdash, role)

    @contextmanager
    def open_without_project(self, *, changing: bool = False) -> Iterator[QDash]:
        """Open QDash and yield it for operations outside projects; services refuse unknown or disabled users.

        Parameters
        ----------
        changing : bool
            Whether the command writes: then an unknown user is enrolled, if no user has a password.
        """
        from qdash_core.application import open_qdash

        _refuse_host()
        with open_qdash() as qdash:
            if changing:
                qdash.projects.enroll(self.username)
            yield qdash

    def make_access(self, qdash: QDash, role: ProjectRole | None = None) -> Access:
        """Return access with a role, by default editor; enroll an unknown user if no user has a password."""
        from qdash_core.models.project import ProjectRole

        qdash.projects.enroll(self.username, self.project)
        return qdash.access(self.username, self.project, role or ProjectRole.EDITOR)


def _get_default_user() -> str:
    # Importing the models takes longer than all of `--help`.
    from qdash_core.models.project import DEFAULT_USER

    return DEFAULT_USER


def access_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options `--project` and `--user` to a command, passed as one argument `command_user`."""

    @wraps(command)
    def with_access(*args: Any, project: str | None, user: str, **options: Any) -> Any:
        _refuse_host()
        return command(*args, command_user=CommandUser(user, project), **options)

    project_option = click.option("--project", metavar="ID", help="Project; default: the user's own.")
    return project_option(_add_user_option(with_access))


def user_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option `--user` to a command that needs no project, passed as the argument `command_user`."""

    @wraps(command)
    def with_access(*args: Any, user: str, **options: Any) -> Any:
        _refuse_host()
        return command(*args, command_user=CommandUser(user, None), **options)

    return _add_user_option(with_access)


def _refuse_host() -> None:
    """Raise InvalidInputError for a command on the records of the home if the environment names a host to use instead."""
    from qdash_core.errors import InvalidInputError

    _, _, name = click.get_current_context().command_path.partition(" ")
    if all(map(os.environ.get, HOST_VARIABLES)) and not name.startswith(_AT_HOME):
        raise InvalidInputError(
            f"{' and '.join(HOST_VARIABLES)} name a host, and `qdash {name}` works on the home of this machine only: unset one "
            "of them, or use the dashboard or HTTP"
        )


def _add_user_option(command: Callable[..., Any]) -> Callable[..., Any]:
    option = click.option(
        "--user",
        metavar="NAME",
        default=_get_default_user,
        show_default="admin",
        help="User who runs the command.",
    )
    return option(command)
