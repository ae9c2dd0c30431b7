"""Group of commands to which plugins add commands."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import click

if TYPE_CHECKING:
    from collections.abc import Mapping


@runtime_checkable
class _Root(Protocol):
    """Root group, which loads the commands of plugins."""

    def list_with_plugins(self, group: str) -> Mapping[str, click.Command]:
        """Return the commands of an open group, including those of plugins."""


def copy_group(group: click.Group) -> click.Group:
    """Return a copy of a group, to which other commands may be added."""
    mine = copy(group)
    mine.commands = dict(group.commands)
    return mine


class OpenGroup(click.Group):
    """Core group to which plugins add commands; they are loaded for a listing or an unknown name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, including those of plugins."""
        self._add_plugins(ctx)
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by name, and load plugins only if the core has no such command."""
        if cmd_name not in self.commands:
            self._add_plugins(ctx)
        return super().get_command(ctx, cmd_name)

    def _add_plugins(self, ctx: click.Context) -> None:
        root = ctx.find_root().command
        if isinstance(root, _Root):
            self.commands.update(root.list_with_plugins(str(self.name)))
