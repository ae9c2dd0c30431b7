"""Who acts in which project on the command line: the options `--project` and `--user`, and the access that they give."""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts, and where.

    Parameters
    ----------
    username : str
        Who.
    project : str or None
        Where; None: in the user's default project.
    """

    username: str
    project: str | None

    @contextmanager
    def reading(self) -> Iterator[tuple[QDash, Access]]:
        """Open everything and yield it with the access of somebody who looks; AccessDeniedError for who may not."""
        from qdash_core.application import open_qdash

        with open_qdash() as qdash:
            yield qdash, qdash.access(self.username, self.project)

    @contextmanager
    def changing(self, role: ProjectRole | None = None) -> Iterator[tuple[QDash, Access]]:
        """Open everything and yield it with the access of somebody who changes something; refuses as `reading`.

        Parameters
        ----------
        role : ProjectRole or None
            What it takes; None: an editor.
        """
        from qdash_core.application import open_qdash

        with open_qdash() as qdash:
            yield qdash, self.access(qdash, role)

    @contextmanager
    def anywhere(self, *, changing: bool = False) -> Iterator[QDash]:
        """Open everything and yield it for what belongs to no project; services refuse who is unknown or disabled.

        Parameters
        ----------
        changing : bool
            Whether something is changed: then an unknown user is enrolled where nobody has a password.
        """
        from qdash_core.application import open_qdash

        with open_qdash() as qdash:
            if changing:
                qdash.projects.enroll(self.username)
            yield qdash

    def access(self, qdash: QDash, role: ProjectRole | None = None) -> Access:
        """Return the access of somebody who changes something; where nobody has a password, an unknown user is enrolled."""
        from qdash_core.models.project import ProjectRole

        qdash.projects.enroll(self.username, self.project)
        return qdash.access(self.username, self.project, role or ProjectRole.EDITOR)


def _default_user() -> str:
    # The models cost more than all of `--help`.
    from qdash_core.models.project import DEFAULT_USER

    return DEFAULT_USER


def acting(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options `--project` and `--user`, as one argument `acting`."""

    @wraps(command)
    def acted(*args: Any, project: str | None, user: str, **options: Any) -> Any:
        return command(*args, acting=Acting(user, project), **options)

    where = click.option("--project", metavar="ID", help="Project; by default the user's own.")
    return where(_by(acted))


def acting_anywhere(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command for which no project is the place the option `--user`, as one argument `acting`."""

    @wraps(command)
    def acted(*args: Any, user: str, **options: Any) -> Any:
        return command(*args, acting=Acting(user, None), **options)

    return _by(acted)


def _by(command: Callable[..., Any]) -> Callable[..., Any]:
    by = click.option("--user", metavar="NAME", default=_default_user, show_default="admin", help="Who acts.")
    return by(command)
