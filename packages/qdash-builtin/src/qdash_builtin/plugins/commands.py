"""Command `qdash plugins`: installed plugins and their state."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from qdash_cli import options, plugin_commands
from qdash_cli.command_user import CommandUser, user_option
from qdash_cli.plugin_commands import works_with_host
from qdash_cli.rendering.output import emit_json, print_message, print_table

if TYPE_CHECKING:
    from qdash_builtin.plugins.views import PluginDocument
    from qdash_core.hooks.host import PluginRecord
    from qdash_core.hooks.manager import Registry


def load_plugin_records(*, thoroughly: bool = True) -> list[PluginRecord]:
    """Call the hooks of every plugin, and return the plugin records. The parameter is that of `load_all_plugins`."""
    return load_all_plugins(thoroughly=thoroughly).plugins


def load_all_plugins(*, thoroughly: bool = True) -> Registry:
    """Call the hooks of every plugin, and return the registry.

    `thoroughly` also calls those of QDash's own members that import a laboratory, which is slow.
    """
    from qdash_cli.app import reserve_core_names
    from qdash_core.hooks.manager import load_plugins

    registry = load_plugins()
    registry.collect_all(of_members_too=thoroughly)
    commands = click.Group()
    reserve_core_names(commands)
    registry.add_commands(commands, plugin_commands)
    return registry


@click.group()
def plugins() -> None:
    """List installed plugins, including broken and blocked ones, and examine them."""


@plugins.command("list")
@user_option
@options.json_option
def list_plugins(command_user: CommandUser, as_json: bool) -> None:
    """List every plugin of this machine, or of the host, with its state and what it provides."""
    if command_user.asks_host:
        from qdash_builtin.plugins.operations import list_plugins as list_plugins_of_host
        from qdash_core.operations.transport import list_every

        with command_user.connect() as host:
            found = [*list_every(host, list_plugins_of_host)]
    else:
        found = _list_installed()
    if as_json:
        emit_json(found)
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
    notes = [
        f"last failure of {plugin.name}: {plugin.last_failure}" for plugin in found if plugin.last_failure
    ]
    notes += [f"{plugin.name}: {plugin.slow_import}" for plugin in found if plugin.slow_import]
    notes += [one.text for plugin in found for one in plugin.replaces or ()]
    if notes:
        print_message()
    for note in notes:
        print_message(note)


@works_with_host
@plugins.command("check")
@click.argument("name", metavar="[NAME]", required=False)
@click.option(
    "--limit",
    "limit_s",
    type=click.FloatRange(min=1.0),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="Longest time of a part.",
)
@options.json_option
@click.pass_context
def check_plugins(ctx: click.Context, name: str | None, limit_s: float, as_json: bool) -> None:
    """Examine a plugin of this machine, or all that are not QDash's own.

    Each is examined in a process of its own with a temporary home: its hooks are called, commands print their help, flows are
    previewed and tasks run on a twin, a host mounts its routes, pages and sections are drawn.
    """
    from qdash_builtin.plugins.checks.process import examine_plugins, select_plugins

    found = []
    for part, finding in examine_plugins(select_plugins(name), limit_s=limit_s):
        if finding is not None:
            found.append(finding)
        elif part and not as_json and sys.stderr.isatty():
            print_message(f"... {part}", err=True)
    if as_json:
        emit_json([one._asdict() for one in found])
    else:
        print_table(("plugin", "part", "status", "detail"), found, fold=("detail",))
    ctx.exit(1 if any(one.status == "failed" for one in found) else 0)


@works_with_host
@plugins.command("new")
@click.argument("kind")
@click.argument("name")
@click.option(
    "--folder", type=click.Path(path_type=Path), metavar="FOLDER", help="New folder.  [default: ./NAME]"
)
@options.json_option
def make_new_plugin(kind: str, name: str, folder: Path | None, as_json: bool) -> None:
    """Write the distribution of a new plugin: pyproject, module, tests and README.

    KIND is task, backend, feature, entity, store, storage, strategy, validator, notifier, format, flow, page, request or assistant.
    """
    from qdash_builtin.plugins.new_plugin import list_kinds, make_plugin

    if kind not in (kinds := list_kinds()):
        raise click.BadParameter(f"{kind!r} is none of {', '.join(kinds)}.", param_hint="'KIND'")
    place = folder or Path(name)
    written = make_plugin(kind, name, place)
    if as_json:
        emit_json({"folder": str(place), "files": sorted(one.name for one in written)})
        return
    print_message(
        f"{place}: install it by `pip install -e '{place}[test]'`, then `qdash plugins check {name}`"
    )


def _list_installed() -> list[PluginDocument]:
    from qdash_builtin.plugins.views import PluginDocument
    from qdash_core.settings import load_settings

    registry = load_all_plugins()
    return PluginDocument.list_all(registry.plugins, registry, load_settings().home, fully=True)
