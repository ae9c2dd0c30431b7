"""Record of a `click` application's commands, to identify and remove those of a plugin."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

import click

from qdash_core.errors import PluginError
from qdash_core.tasks.failures import describe_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping


class CommandMakers(Protocol):
    """Makers of the commands that follow from declarations of plugins: `qdash_cli.plugin_commands`."""

    def make_declared_group(
        self, group: click.Group, load: Callable[[], Iterable[Any]], named: Mapping[str, str], /
    ) -> click.Group:
        """Return a group with the commands of a group, of operations, and of features by name, which are loaded on first use."""

    def guard(self, command: click.Command, /) -> click.Command:
        """Return a command that a plugin has added, which is refused if a host is named, unless it works with one."""


class CommandLedger:
    """Record of every command of an application and its groups.

    `app` is the application before a plugin changes it. `owners` has the plugin of each command, by full command
    name, as in `store fridge`.
    """

    def __init__(self, app: click.Group, owners: Mapping[str, str] = MappingProxyType({})) -> None:
        self._owners = owners
        # A group may create its commands lazily; their names count as taken.
        self._before = [
            (path, group, dict(group.commands), set(_list_names(group))) for path, group in _iter_groups(app)
        ]

    def list_added(self) -> list[str]:
        """Return the full names of new commands.

        Raises
        ------
        PluginError
            If a command was replaced or removed, here or in a group, or a new one would break the help.
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

    def replace_added(self, make: Callable[[click.Command], click.Command]) -> None:
        """Replace each new command."""
        for _, group, commands, _ in self._before:
            for name, command in group.commands.items():
                if name not in commands:
                    group.commands[name] = make(command)

    def restore(self) -> None:
        """Restore the recorded commands of every group."""
        for _, group, commands, _ in self._before:
            group.commands.clear()
            group.commands.update(commands)


def _require_help(name: object, command: object) -> None:
    """Raise PluginError if `--help` cannot list a command, which would break the help of all others."""
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
        raise PluginError(
            f"qdash_cli: the help of the command {name!r} raised {describe_error(error)}"
        ) from error
    for inner_name, inner_command in inner.items():
        _require_help(inner_name, inner_command)


def _iter_groups(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Group]]:
    """Yield a group and its nested groups, each with the prefix of its command names."""
    yield path, group
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _iter_groups(command, f"{path}{name} ")


def _list_names(group: click.Group) -> list[str]:
    return [*group.commands, *group.list_commands(click.Context(group))]
