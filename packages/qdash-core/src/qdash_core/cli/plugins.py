"""Command `qdash plugins`: installed plugins and their state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.rendering.output import emit_json, print_table

if TYPE_CHECKING:
    from qdash_core.hooks.host import PluginRecord


def load_plugin_records(*, thoroughly: bool = True) -> list[PluginRecord]:
    """Call the hooks of every plugin, and return the plugin records.

    Parameters
    ----------
    thoroughly : bool
        Also call those hooks of QDash's own members that import a laboratory, which is slow.
    """
    from qdash_core.cli.app import reserve_core_names
    from qdash_core.hooks.manager import load_plugins

    registry = load_plugins()
    registry.collect_all(of_members_too=thoroughly)
    commands = click.Group()
    reserve_core_names(commands)
    registry.add_commands(commands)
    return registry.plugins


@click.group()
def plugins() -> None:
    """List installed plugins, including broken and blocked ones."""


@plugins.command("list")
@options.json_option
def list_plugins(as_json: bool) -> None:
    """List every plugin with its state, and what it provides."""
    from qdash_core.documents.plugins import PluginDocument

    found = load_plugin_records()
    if as_json:
        emit_json([PluginDocument.from_plugin(plugin) for plugin in found])
        return
    print_table(
        ("plugin", "distribution", "version", "status", "provides"),
        (
            (
                plugin.name,
                plugin.distribution,
                plugin.version,
                plugin.status,
                plugin.error
                or "; ".join(f"{hook}: {', '.join(names)}" for hook, names in plugin.provides.items()),
            )
            for plugin in found
        ),
        fold=("provides",),
    )
