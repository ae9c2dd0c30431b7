"""The commands of a `click` application as they were, so that a plugin's can be told apart and taken back."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import click

from qdash_core.errors import PluginError
from qdash_core.tasks.failures import described

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class CommandLedger:
    """Remembers every command of an application, those of its groups included.

    Parameters
    ----------
    app : click.Group
        The application before a plugin has touched it.
    owners : mapping of str to str
        Who gave each of its commands that a plugin gave, by its name with those of its groups: `store fridge`.
    """

    def __init__(self, app: click.Group, owners: Mapping[str, str] = MappingProxyType({})) -> None:
        self._owners = owners
        # A group may make its commands when they are asked for: their names are taken all the same.
        self._before = [
            (path, group, dict(group.commands), set(_names(group))) for path, group in _groups(app)
        ]

    def added(self) -> list[str]:
        """Return the commands that are new, each by its name with those of its groups.

        Raises
        ------
        PluginError
            If a command was replaced or removed, here or in a group, or one that is new would spoil the help.
        """
        for path, group, commands, names in self._before:
            for name in names:
                if group.commands.get(name) is not commands.get(name):
                    full_name = f"{path}{name}"
                    owner = self._owners.get(full_name, "QDash itself")
                    raise PluginError(f"qdash_cli: the command name {full_name!r} is taken by {owner}")
        new = []
        for path, group, commands, _ in self._before:
            for name, command in group.commands.items():
                if name not in commands:
                    _require_help(name, command)
                    new.append(f"{path}{name}")
        return new

    def restore(self) -> None:
        """Put every group back to what it was."""
        for _, group, commands, _ in self._before:
            group.commands.clear()
            group.commands.update(commands)


def _require_help(name: object, command: object) -> None:
    """Refuse what `--help` cannot list: one such command would take the help of all others away."""
    if not isinstance(name, str) or not name.strip():
        raise PluginError("qdash_cli: a command has no name")
    if not isinstance(command, click.Command):
        raise PluginError(f"qdash_cli: the command {name!r} is {type(command).__name__}, not a click.Command")
    try:
        f"{name} {command.get_short_help_str()}".encode()
        inner = {**command.commands} if isinstance(command, click.Group) else {}
        if isinstance(command, click.Group):
            command.list_commands(click.Context(command))
    except (Exception, SystemExit) as error:
        raise PluginError(f"qdash_cli: the help of the command {name!r} raised {described(error)}") from error
    for inner_name, inner_command in inner.items():
        _require_help(inner_name, inner_command)


def _groups(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Group]]:
    """Yield a group and those in it, each with what comes before the names of its commands."""
    yield path, group
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _groups(command, f"{path}{name} ")


def _names(group: click.Group) -> list[str]:
    return [*group.commands, *group.list_commands(click.Context(group))]
