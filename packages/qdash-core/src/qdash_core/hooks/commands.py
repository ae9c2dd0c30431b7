"""The commands of a `click` application as they were, so that a plugin's can be told apart and taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_core.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import Iterator


class CommandLedger:
    """Remembers every command of an application, those of its groups included.

    Parameters
    ----------
    app : click.Group
        The application before a plugin has touched it.
    """

    def __init__(self, app: click.Group) -> None:
        self._app = app
        # A group may make its commands when they are asked for: their names are taken all the same.
        self._before = [(group, dict(group.commands), set(_names(group))) for group in _groups(app)]

    def added(self) -> list[str]:
        """Return the names of the application's commands that are new.

        Raises
        ------
        PluginError
            If a command was replaced or removed, here or in a group.
        """
        for group, commands, names in self._before:
            for name in names:
                if group.commands.get(name) is not commands.get(name):
                    raise PluginError(f"qdash_cli: the command name {name!r} is taken")
        return [name for name in self._app.commands if name not in self._before[0][2]]

    def restore(self) -> None:
        """Put every group back to what it was."""
        for group, commands, _ in self._before:
            group.commands.clear()
            group.commands.update(commands)


def _groups(group: click.Group) -> Iterator[click.Group]:
    yield group
    for command in group.commands.values():
        if isinstance(command, click.Group):
            yield from _groups(command)


def _names(group: click.Group) -> list[str]:
    return [*group.commands, *group.list_commands(click.Context(group))]
