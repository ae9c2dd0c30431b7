"""`qdash plugins`: what is installed, and what was set aside."""

from __future__ import annotations

from dataclasses import asdict

import click

from qdash_core.cli import options
from qdash_core.cli.output import emit_json, table


@click.group()
def plugins() -> None:
    """What is installed, and what was set aside."""


@plugins.command("list")
@options.as_json
def list_plugins(as_json: bool) -> None:
    """List every plugin with its state, and what it provides."""
    from qdash_core.hooks.manager import load_plugins

    registry = load_plugins()
    registry.collect_all()
    if as_json:
        emit_json([asdict(plugin) for plugin in registry.plugins])
        return
    table(
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
            for plugin in registry.plugins
        ),
    )
