"""The root command group: core commands, imported on first use, and the commands of plugins."""

from __future__ import annotations

from copy import copy
from importlib import import_module
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

_COMMANDS = {
    "init": (
        "qdash_core.cli.home:init",
        "Create the home, user `admin` and project `default`, unless they exist.",
    ),
    "doctor": (
        "qdash_core.cli.home:doctor",
        "Check settings, store, raw data and plugins, and print remedies for problems.",
    ),
    "docs": (
        "qdash_core.cli.docs:docs",
        "Open the documentation in the browser, at the section for some words.",
    ),
    "plugins": (
        "qdash_core.cli.plugins:plugins",
        "List installed plugins, including broken and blocked ones.",
    ),
    "chip": ("qdash_core.cli.chips:chip", "Create, list, show, edit, draw and delete chips."),
    "calibrate": ("qdash_core.cli.calibrate:calibrate", "Run a flow on a chip and record the results."),
    "schedule": (
        "qdash_core.cli.schedule:schedule",
        "Divide the couplings or qubits of a chip into groups that can be measured at once.",
    ),
    "task": (
        "qdash_core.cli.tasks:task",
        "List tasks, run one; list, rerun, refit and draw results, show raw data.",
    ),
    "executions": (
        "qdash_core.cli.executions:executions",
        "List, show, follow, resume and cancel executions.",
    ),
    "queue": ("qdash_core.cli.queue:queue", "Show waiting runs and change their order."),
    "timetable": (
        "qdash_core.cli.timetables:timetable",
        "Start runs, send digests, remove old data or make backups automatically: at times of day, at intervals, or once.",
    ),
    "worker": (
        "qdash_core.cli.worker:worker",
        "Perform background runs: detached runs, and runs of timetables and of the host.",
    ),
    "flow": ("qdash_core.cli.flows:flow", "List flows, and run and save your own."),
    "lock": (
        "qdash_core.cli.lock:lock",
        "Show and release instrument locks.",
    ),
    "cryostat": (
        "qdash_core.cli.cryostats:cryostat",
        "Register, list, edit and delete cryostats.",
    ),
    "cooldown": (
        "qdash_core.cli.cooldowns:cooldown",
        "Start, end, list and edit cool-downs, and assign chips to them.",
    ),
    "note": (
        "qdash_core.cli.notes:note",
        "Write and search notes on chips, qubits, couplings, results and metrics.",
    ),
    "issue": (
        "qdash_core.cli.issues:issue",
        "Open, find, discuss and close issues of the laboratory.",
    ),
    "tag": ("qdash_core.cli.tags:tag", "Add, list, rename and remove the tags of a project."),
    "audit": ("qdash_core.cli.audit:audit", "List requests to the host that may have changed something."),
    "scope": (
        "qdash_core.cli.value_scopes:scope",
        "List and show value scopes of a chip, and commit or discard them.",
    ),
    "configuration": (
        "qdash_core.cli.configuration:configuration",
        "Pull and push the configuration folder of the laboratory with git.",
    ),
    "file": (
        "qdash_core.cli.files:file",
        "Browse and edit files below configured roots, with history and git, and files of executions.",
    ),
    "digest": (
        "qdash_core.cli.digest:digest",
        "Show or send the digest of a chip: runs, changes, failures and what to do next.",
    ),
    "metrics": (
        "qdash_core.cli.metrics:metrics",
        "Show the values of a chip, or statistics of its recorded results.",
    ),
    "values": (
        "qdash_core.cli.values:values",
        "Set, accept, reject, trust, undo and revert values of a chip.",
    ),
    "provenance": (
        "qdash_core.cli.provenance:provenance",
        "Show the origin and use of a value, and the impact of a result.",
    ),
    "review": (
        "qdash_core.cli.review:review",
        "Decide on flagged results one by one, newest first.",
    ),
    "compare": (
        "qdash_core.cli.compare:compare",
        "Compare a chip at two points in time, or two chips, the most significant changes first.",
    ),
    "release": (
        "qdash_core.cli.releases:release",
        "Name, compare, restore and export sets of accepted values.",
    ),
    "context": (
        "qdash_core.cli.contexts:context",
        "Print the data about a chip, a target or a result as Markdown, for a message or another program.",
    ),
    "explain": (
        "qdash_core.cli.explain:explain",
        "Show the likely causes of a failure, with the evidence and the next step.",
    ),
    "ask": (
        "qdash_core.cli.ask:ask",
        "Ask the assistant about chips, and list, show and delete conversations with it.",
    ),
    "mcp": (
        "qdash_core.cli.mcp:mcp",
        "Serve operations as tools of an assistant, any client of the Model Context Protocol.",
    ),
    "report": (
        "qdash_core.cli.report:report",
        "Write a report: summary, yield, maps, distributions, failures, changes, figures and how each value was measured.",
    ),
    "export": (
        "qdash_core.cli.chip_files:export",
        "Export a chip with its accepted values to files, also in formats of other programs.",
    ),
    "import": (
        "qdash_core.cli.chip_files:import_files",
        "Import a file or folder into a chip after a comparison, or as a new chip.",
    ),
    "user": (
        "qdash_core.cli.users:user",
        "Create, list, show, disable and off-board users, and set passwords.",
    ),
    "token": (
        "qdash_core.cli.tokens:token",
        "Create, list and revoke access tokens for the host.",
    ),
    "project": ("qdash_core.cli.projects:project", "Create, list, show, edit, transfer and delete projects."),
    "member": (
        "qdash_core.cli.members:member",
        "List, invite and remove members of a project, accept invitations, change roles.",
    ),
    "store": (
        "qdash_core.cli.store:store",
        "Back up, verify, restore, upgrade, prune and migrate the store, or import the original's database.",
    ),
}

_HELP_OPTIONS = ["-h", "--help"]
_LISTINGS = ([], *([one] for one in _HELP_OPTIONS))
"""Arguments of a group that lists its commands."""
_OPEN_GROUPS = frozenset({"store"})
"""Groups of the core to which plugins may add commands: each is an `OpenGroup`."""


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
        return sorted({*_COMMANDS, *self.commands})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by name, and load plugins only if the core has no such command."""
        if cmd_name in _COMMANDS:
            from qdash_core.cli.plugin_commands import guard

            command: click.Command | None = guard(_load_core_command(cmd_name), is_core=True)
        else:
            self._add_plugins()
            command = self.commands.get(cmd_name)
        if ctx.resilient_parsing and command is not None:  # the shell completes
            from qdash_core.cli.completion import complete_names

            complete_names(command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return name, command and its arguments; from now on, its work may be interrupted.

        A group of the core that is only listed is the recorded one.
        """
        if args[0] in _COMMANDS and args[1:] in _LISTINGS:
            from qdash_core.cli.recorded_groups import read_group

            if (listed := read_group(args[0])) is not None:
                return args[0], listed, args[1:]
        name, command, arguments = super().resolve_command(ctx, args)
        if not isinstance(command, ServerCommand):
            from qdash_core.processes import interrupt_on_termination

            interrupt_on_termination()
        return name, command, arguments

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write one line for each command; the lines of core commands come from the table."""
        rows = []
        for name in self.list_commands(ctx):
            if name in _COMMANDS:
                rows.append((name, _COMMANDS[name][1]))
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
        from qdash_core.cli import plugin_commands
        from qdash_core.hooks.manager import load_plugins

        reserve_core_names(self)
        load_plugins(commands_only=True).add_commands(self, plugin_commands)


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

    def copy_group(self) -> Self:
        """Return a copy of the group, to which other commands may be added."""
        mine = copy(self)
        mine.commands = dict(self.commands)
        return mine

    def _add_plugins(self, ctx: click.Context) -> None:
        root = ctx.find_root().command
        if isinstance(root, QDashGroup):
            self.commands.update(root.list_with_plugins(str(self.name)))


def reserve_core_names(group: click.Group) -> None:
    """Add stand-ins for the core's commands to a group, so that a plugin cannot claim their names.

    The stand-in for a group that is open to plugins is a copy of that group, to which they add their
    commands.
    """
    for name, (_, help_text) in _COMMANDS.items():
        stand_in = (
            _load_core_command(name) if name in _OPEN_GROUPS else click.Command(name, short_help=help_text)
        )
        group.add_command(stand_in)


def load_core_groups() -> dict[str, click.Group]:
    """Return the groups of the core that no plugin and no class of their own changes."""
    loaded = {name: _load_core_command(name) for name in _COMMANDS}
    return {
        name: one for name, one in loaded.items() if isinstance(one, click.Group) and type(one) is click.Group
    }


def _load_core_command(name: str) -> click.Command:
    module, _, attribute = _COMMANDS[name][0].partition(":")
    command: click.Command = getattr(import_module(module), attribute)
    return command.copy_group() if isinstance(command, OpenGroup) else command


def _print_version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from qdash_core.build import read_build
        from qdash_core.cli.hosts import open_host

        click.echo(f"qdash {read_build()}")
        if (host := open_host(None, None)) is not None:
            with host as transport:
                click.echo(f"host {transport.version}")
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
