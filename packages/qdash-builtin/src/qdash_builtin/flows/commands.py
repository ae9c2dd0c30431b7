"""Command `qdash flow`: installed flows and those that users save."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_builtin.flows import operations as flows
from qdash_builtin.runs.commands.run_options import scope_option
from qdash_builtin.runs.commands.run_preview import show_preview
from qdash_builtin.runs.commands.watched_runs import RunMode, fail_on_option, run_and_show, run_mode_options
from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.operation_commands import add_commands
from qdash_cli.plugin_commands import works_with_host
from qdash_cli.rendering.output import emit, emit_json, print_message, print_table
from qdash_cli.rendering.times import format_short_time, format_time_header
from qdash_core.operations.transport import list_every

if TYPE_CHECKING:
    from qdash_builtin.flows.views.saved_flows import SavedFlowDocument
    from qdash_builtin.runs.commands.watched_runs import FailOn


@click.group()
def flow() -> None:
    """List flows, and run and save your own."""


add_commands(flow, flows.operations)


@flow.command("list")
@click.option("--saved", is_flag=True, help="List only saved flows, with their users and chips.")
@click.option("--deleted", is_flag=True, help="List the deleted flows, which `qdash flow restore` restores.")
@access_options
@options.json_option
def list_flows(saved: bool, deleted: bool, command_user: CommandUser, as_json: bool) -> None:
    """List the flows that `qdash calibrate --flow NAME` runs: those of plugins and saved ones."""
    if saved and deleted:
        raise click.UsageError("--saved and --deleted exclude each other")
    if saved:
        _list_saved(command_user, as_json=as_json)
        return
    if deleted:
        _list_deleted(command_user, as_json=as_json)
        return
    with command_user.connect() as home:
        found = list(list_every(home, flows.list_flows))
    found.sort(key=lambda one: (one.kind, one.name))
    if as_json:
        emit_json(found)
    else:
        print_table(
            ("flow", "kind", "tasks", "description"),
            (
                (one.name, one.kind, None if one.tasks is None else len(one.tasks), one.description)
                for one in found
            ),
            fold=("description",),
        )


def _list_saved(command_user: CommandUser, *, as_json: bool) -> None:
    with command_user.connect() as home:
        found = list(list_every(home, flows.list_saved_flows))
    if as_json:
        emit_json(found)
    elif found:
        print_table(
            ("flow", "version", "user", "chip", "description"),
            ((one.name, one.version, one.username, one.chip_id, one.description) for one in found),
            fold=("description",),
        )
    else:
        print_message("no saved flows yet: save one with `qdash flow save FILE.py`")


def _list_deleted(command_user: CommandUser, *, as_json: bool) -> None:
    with command_user.connect() as home:
        zone = home.zone
        found = list(list_every(home, flows.list_deleted_flows))
    if as_json:
        emit_json(found)
    elif found:
        since = format_time_header("deleted", zone, (one.deleted_at for one in found))
        print_table(
            ("flow", "version", since, "by", "description"),
            (
                (
                    one.name,
                    one.version,
                    format_short_time(one.deleted_at, zone),
                    one.deleted_by or None,
                    one.description,
                )
                for one in found
            ),
            fold=("description",),
        )
    else:
        print_message("no deleted flows")


@flow.command()
@click.argument("flow", metavar="NAME|FILE.py[:FUNCTION]")
@click.option("--chip", metavar="CHIP", help="Its argument `chip_id`.")
@click.option("--qids", metavar="0-3,7,..", help="Its argument `qids`: qubits and ranges.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Its argument `tags`, a list.")
@scope_option
@click.option(
    "--dry-run",
    is_flag=True,
    help="Call the function without measuring or writing any values, and show its stages. Other side effects, such as writing files, do happen.",
)
@run_mode_options
@fail_on_option
@options.parameters
@options.repeat
@access_options
@options.json_option
@click.pass_context
def run(
    ctx: click.Context,
    flow: str,
    chip: str | None,
    qids: str | None,
    tags: tuple[str, ...],
    scope: str | None,
    dry_run: bool,
    mode: RunMode,
    fail_on: FailOn | None,
    parameters: tuple[str, ...],
    repeat: bool | None,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Run your own function, of a file or of a saved flow, in a separate process.

    It receives those of the arguments `username`, `chip_id`, `project_id`, `flow_name`, `qids`, `tags` and `--param` that
    it declares. Without FUNCTION: the only public function of the file, or `main`. With the NAME of a plugin's flow, that flow runs on CHIP.
    """
    from qdash_builtin.runs.commands.run_options import resolve_flow
    from qdash_core.models.request import RunRequest, TargetSelection
    from qdash_core.models.target_lists import parse_qubits

    request = RunRequest(
        chip_id=chip,
        flow=resolve_flow(flow, command_user),
        targets=TargetSelection(qubits=None if qids is None else parse_qubits(qids)),
        tags=tags,
        scope=scope,
        parameters=options.parse_flow_parameters(parameters),
        repeat=repeat is not False,
    )
    if dry_run:
        ctx.exit(0 if show_preview(request, as_json=as_json, command_user=command_user) else 1)
    run_and_show(ctx, request, mode, fail_on=fail_on, command_user=command_user, as_json=as_json)


@flow.command()
@click.argument("file", metavar="FILE.py[:FUNCTION]")
@click.option("--name", metavar="NAME", help="Name of the flow; default: that of the file.")
@click.option("--chip", metavar="CHIP", default="", help="Chip of the flow.")
@click.option(
    "--description",
    metavar="TEXT",
    default="",
    help="Description; default: the first paragraph of its docstring.",
)
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Tag of the flow.")
@access_options
@options.json_option
def save(
    file: str,
    name: str | None,
    chip: str,
    description: str,
    tags: tuple[str, ...],
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Save your own function in the store, as the next version of a flow for `calibrate --flow NAME`.

    It is checked without being run: it must be valid Python, contain the function, use no name that `qdash flow check` finds missing
    below `qdash`, and have all of its code in this file.
    """
    from qdash_builtin.flows.requests import FlowRequest
    from qdash_builtin.flows.user_flows import read_source
    from qdash_core.errors import InvalidInputError
    from qdash_core.models.request import is_file, split_location

    if not is_file(file):
        raise InvalidInputError(f"{file}: write FILE.py or FILE.py:FUNCTION")
    path, function = split_location(file)
    source = read_source(path)
    asked = FlowRequest(source=source, function=function, chip_id=chip, description=description, tags=tags)
    with command_user.connect() as home:
        saved = home.ask(flows.save_flow, name or path.stem, asked)
    _print_saved(saved, as_json=as_json)


def _print_saved(saved: SavedFlowDocument, *, as_json: bool) -> None:
    if as_json:
        emit_json(saved)
    else:
        print_message(
            f"{saved.name} version {saved.version}: `qdash calibrate CHIP --flow {saved.name}` runs it"
        )


@works_with_host
@flow.command()
@click.argument("file", metavar="FILE.py")
@options.json_option
@click.pass_context
def check(ctx: click.Context, file: str, as_json: bool) -> None:
    """Check your own flow for names that do not exist here, without running or importing it.

    Each is printed with its line and the alternative: modules and names below `qdash`, arguments, attributes, modes, tasks, and other
    modules that are not installed. The exit status is 1 if there are any.
    """
    from qdash_builtin.flows.source_check import find_source_problems
    from qdash_builtin.flows.user_flows import read_syntax
    from qdash_builtin.flows.views.flow_problems import FlowProblemDocument
    from qdash_core.hooks.manager import load_plugins

    path, source = read_syntax(file)
    tasks = load_plugins().list_task_names()
    found = find_source_problems(source, folder=path.parent, tasks=tasks, lists=True)
    if as_json:
        emit_json([FlowProblemDocument.from_record(one) for one in found])
    for one in () if as_json else found:
        print_message(f"{path}, line {one.line}: {one}")
    if found:
        ctx.exit(1)
    if not as_json:
        print_message(f"{path}: no name is missing")


@flow.command()
@click.argument("name", metavar="NAME")
@click.option(
    "--source", "number", type=click.IntRange(min=1), metavar="N", help="Print the source of version N."
)
@access_options
@options.json_option
def versions(name: str, number: int | None, command_user: CommandUser, as_json: bool) -> None:
    """List the versions of a saved flow, newest first, even if it was deleted."""
    from qdash_core.errors import NotFoundError
    from qdash_core.parsing.similar_names import suggest

    with command_user.connect() as home:
        zone = home.zone
        if number is None:
            found = list(list_every(home, flows.list_flow_versions, name))
        else:
            found = [home.ask(flows.show_flow_version, name, number)]
        known = [] if found else [one.name for one in list_every(home, flows.list_saved_flows)]
    if not found:
        hint = suggest(name, known, otherwise=": save one with `qdash flow save FILE.py`")
        raise NotFoundError(f"there is no saved flow {name!r}{hint}")
    if as_json:
        emit_json(found)
    elif number is not None:
        emit(found[0].source or "")
    else:
        since = format_time_header("saved", zone, (one.updated_at for one in found))
        print_table(
            ("version", since, "user", "function", "sha256", "description"),
            (
                (
                    one.version,
                    format_short_time(one.updated_at, zone),
                    one.username,
                    one.function,
                    (one.sha256 or "")[:8],
                    one.description,
                )
                for one in found
            ),
            fold=("description",),
        )
