"""Command `qdash flow`: installed flows and those that users save."""

from __future__ import annotations

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.rendering.output import emit, emit_json, print_message, print_table
from qdash_core.cli.rendering.times import format_short_time, format_time_header
from qdash_core.cli.watched_runs import RunMode, run_and_show, run_mode_options


@click.group()
def flow() -> None:
    """List flows, and run and save your own."""


@flow.command("list")
@click.option("--saved", is_flag=True, help="List saved flows of the project instead.")
@access_options
@options.json_option
def list_flows(saved: bool, command_user: CommandUser, as_json: bool) -> None:
    """List the flows of plugins that `qdash calibrate --flow NAME` runs."""
    if saved:
        _list_saved(command_user, as_json=as_json)
        return
    from qdash_core.documents.flows import FlowDocument
    from qdash_core.hooks.manager import load_plugins

    registry = load_plugins()
    found = [
        FlowDocument.from_template(template, registry) for _, template in sorted(registry.flows().items())
    ]
    if as_json:
        emit_json(found)
    else:
        print_table(
            ("flow", "tasks", "description"),
            ((one.name, len(one.tasks), one.description) for one in found),
            fold=("description",),
        )


def _list_saved(command_user: CommandUser, *, as_json: bool) -> None:
    from qdash_core.documents.saved_flows import SavedFlowDocument

    with command_user.reading() as (qdash, access):
        found = sorted(qdash.flows.list_by_project(access), key=lambda one: one.name)
    if as_json:
        emit_json([SavedFlowDocument.from_flow(one) for one in found])
    elif found:
        print_table(
            ("flow", "version", "user", "chip", "description"),
            ((one.name, one.version, one.username, one.chip_id, one.description) for one in found),
            fold=("description",),
        )
    else:
        print_message("no saved flows yet: save one with `qdash flow save FILE.py`")


@flow.command()
@click.argument("file", metavar="FILE.py[:FUNCTION]")
@click.option("--chip", metavar="CHIP", help="Its argument `chip_id`.")
@click.option("--qids", metavar="0,1,..", help="Its argument `qids`.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Its argument `tags`, a list.")
@run_mode_options
@options.parameters
@access_options
@options.json_option
@click.pass_context
def run(
    ctx: click.Context,
    file: str,
    chip: str | None,
    qids: str | None,
    tags: tuple[str, ...],
    mode: RunMode,
    parameters: tuple[str, ...],
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Run your own function in a separate process.

    It receives those of the arguments `username`, `chip_id`, `project_id`, `flow_name`, `qids`, `tags` and `--param` that
    it declares. Without FUNCTION: the only public function of the file, or `main`.
    """
    from qdash_core.cli.run_options import make_path_absolute
    from qdash_core.errors import InvalidInputError
    from qdash_core.models.request import RunRequest, TargetSelection, is_file
    from qdash_core.models.targets import parse_qubits

    if not is_file(file):
        raise InvalidInputError(f"{file}: write FILE.py or FILE.py:FUNCTION")
    request = RunRequest(
        chip_id=chip,
        flow=make_path_absolute(file),
        targets=TargetSelection(qubits=None if qids is None else parse_qubits(qids)),
        tags=tags,
        parameters=options.parse_flow_parameters(parameters),
    )
    run_and_show(ctx, request, mode, command_user=command_user, as_json=as_json)


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

    It is checked without being run: it must be valid Python, contain the function, and have all of its code in this file.
    """
    from qdash_core.documents.saved_flows import SavedFlowDocument
    from qdash_core.errors import InvalidInputError
    from qdash_core.flows.user_flows import read_source, split_location
    from qdash_core.models.request import is_file

    if not is_file(file):
        raise InvalidInputError(f"{file}: write FILE.py or FILE.py:FUNCTION")
    path, function = split_location(file)
    source = read_source(path)
    with command_user.changing() as (qdash, access):
        saved = qdash.flows.save(
            access,
            name or path.stem,
            source,
            function=function,
            chip_id=chip,
            description=description,
            tags=tags,
        )
    if as_json:
        emit_json(SavedFlowDocument.from_flow(saved))
    else:
        print_message(
            f"{saved.name} version {saved.version}: `qdash calibrate CHIP --flow {saved.name}` runs it"
        )


@flow.command()
@click.argument("name", metavar="NAME")
@click.option(
    "--source", "number", type=click.IntRange(min=1), metavar="N", help="Print the source of version N."
)
@access_options
@options.json_option
def versions(name: str, number: int | None, command_user: CommandUser, as_json: bool) -> None:
    """List the versions of a saved flow, newest first, even if it was deleted."""
    from qdash_core.documents.saved_flows import SavedFlowDocument
    from qdash_core.errors import NotFoundError

    with command_user.reading() as (qdash, access):
        zone = qdash.zone
        found = (
            qdash.flows.list_versions(access, name)
            if number is None
            else [qdash.flows.get_version(access, name, number)]
        )
    if not found:
        raise NotFoundError(f"there is no flow {name!r}: save one with `qdash flow save FILE.py`")
    if as_json:
        emit_json([SavedFlowDocument.from_version(one) for one in found])
    elif number is not None:
        emit(found[0].source)
    else:
        since = format_time_header("saved", zone, (one.updated_at for one in found))
        print_table(
            ("version", since, "user", "function", "sha256", "description"),
            (
                (
                    one.version,
                    format_short_time(one.updated_at, zone),
                    one.username,
                    one.flow_function_name,
                    one.sha256[:8],
                    one.description,
                )
                for one in found
            ),
            fold=("description",),
        )
