"""The root command group: commands of QDash's own features, imported on first use, and the commands of plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_cli.open_group import OpenGroup
from qdash_cli.recorded_groups import read_commands

if TYPE_CHECKING:
    from collections.abc import Mapping

_HELP_OPTIONS = ["-h", "--help"]
_LISTINGS = ([], *([one] for one in _HELP_OPTIONS))
"""Arguments of a group that lists its commands."""


class ServerCommand(click.Command):
    """Command that serves until a signal ends it, which it handles itself once it serves.

    Before, SIGTERM and SIGHUP end it without a message; other commands are interrupted by them as by Ctrl-C.
    """


class QDashGroup(click.Group):
    """Root group that lists core commands without importing them and loads plugin commands on demand."""

    _with_plugins = False

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, including those of plugins."""
        self._add_plugins()
        return sorted({*read_commands(), *self.commands})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by name, and load plugins only if the core has no such command."""
        if (recorded := read_commands().get(cmd_name)) is not None:
            from qdash_cli.plugin_commands import guard

            command: click.Command | None = guard(recorded.load(), is_core=True)
        else:
            self._add_plugins()
            command = self.commands.get(cmd_name)
        if ctx.resilient_parsing and command is not None:  # the shell completes
            from qdash_cli.completion import complete_names

            complete_names(command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return name, command and its arguments; from now on, its work may be interrupted."""
        if args[1:] in _LISTINGS and (recorded := read_commands().get(args[0])) is not None:
            listed = recorded.make_listing(args[0])
            if listed is not None:
                return args[0], listed, args[1:]
        name, command, arguments = super().resolve_command(ctx, args)
        from qdash_core.process import process_start

        if isinstance(command, ServerCommand):
            process_start.collect_garbage_often()
        else:
            process_start.interrupt_on_termination()
        return name, command, arguments

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write one line for each command; the lines of core commands are recorded."""
        rows, recorded = [], read_commands()
        for name in self.list_commands(ctx):
            if name in recorded:
                rows.append((name, recorded[name].first_line))
            elif not self.commands[name].hidden:
                rows.append((name, self.commands[name].get_short_help_str(limit=80)))
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def list_with_plugins(self, group: str) -> Mapping[str, click.Command]:
        """Return the commands of a group that is open to plugins, including theirs."""
        self._add_plugins()
        opened = self.commands[group]
        assert isinstance(opened, OpenGroup)
        return opened.commands

    def _add_plugins(self) -> None:
        if self._with_plugins:
            return
        self._with_plugins = True
        from qdash_cli import plugin_commands
        from qdash_core.hooks.manager import load_plugins

        reserve_core_names(self)
        load_plugins(commands_only=True).add_commands(self, plugin_commands)


def reserve_core_names(group: click.Group) -> None:
    """Add stand-ins for the core's commands to a group, so that a plugin cannot claim their names.

    The stand-in for a group that is open to plugins is a copy of it, to which they add their commands.
    """
    for name, one in read_commands().items():
        group.add_command(one.load() if one.is_open else click.Command(name, short_help=one.first_line))


def _print_version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from qdash_cli.hosts import open_host
        from qdash_core.errors import QDashError
        from qdash_core.process.build import read_build

        click.echo(f"qdash {read_build()}")
        try:
            if (host := open_host(None, None)) is not None:
                with host as transport:
                    click.echo(f"host {transport.version}")
        except QDashError as error:
            click.echo(f"the version of the host is unknown: {error}", err=True)
        ctx.exit()


@click.group(cls=QDashGroup, context_settings={"help_option_names": _HELP_OPTIONS, "max_content_width": 110})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version.",
)
def app() -> None:
    """Calibrate superconducting quantum processors, and keep them calibrated.

    Without a server, all files are below QDASH_HOME. `qdash demo` calibrates a simulated chip.
    """
