"""Command `qdash task`: list, show and run tasks; list, rerun, refit and draw results."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from qdash_builtin.results.commands.raw_data import data
from qdash_builtin.results.commands.recorded_analysis import record_analysis
from qdash_builtin.results.commands.refit import refit
from qdash_builtin.results.operations.results import operations
from qdash_builtin.results.text_output.result_lists import print_results
from qdash_builtin.results.text_output.task_result import show_task_result
from qdash_builtin.runs.commands.run_options import scope_option
from qdash_builtin.runs.commands.watched_runs import (
    RunMode,
    find_last_result,
    run_and_watch,
    run_mode_options,
    submit_and_show,
)
from qdash_builtin.runs.views.results import ResultDocument
from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.operation_commands import add_commands
from qdash_cli.rendering.output import emit_json, print_message, print_table, write_file
from qdash_core.documents.pages import PageOf
from qdash_core.models.estimates import unit_symbol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qdash_builtin.runs.views.tasks import RunParameterDocument, TaskDocument


@click.group()
def task() -> None:
    """List tasks, run one; list, rerun, refit and draw results, show raw data."""


add_commands(task, operations, {PageOf[ResultDocument]: print_results})
task.add_command(data)
task.add_command(refit)
task.add_command(record_analysis)


@task.command("list")
@click.option("--backend", metavar="NAME", help="Only tasks for this backend.")
@click.option(
    "--chip", "chip_id", metavar="CHIP", help="Show which tasks run on this chip, and why others do not."
)
@access_options
@options.json_option
def list_tasks(backend: str | None, chip_id: str | None, command_user: CommandUser, as_json: bool) -> None:
    """List the installed tasks with their inputs and outputs."""
    from qdash_builtin.runs.operations import tasks
    from qdash_core.operations.transport import list_every

    found: Sequence[TaskDocument]
    with command_user.connect() as home:
        if chip_id is not None:
            found = [*list_every(home, tasks.tasks_on_chip, chip_id, backend)]
        else:
            every = list_every(home, tasks.list_tasks, backend)
            found = sorted(every, key=lambda one: (one.backend or "", one.name))
    if as_json:
        emit_json(found)
    else:
        _print_tasks(found, on_chip=chip_id is not None)


def _print_tasks(tasks: Sequence[TaskDocument], *, on_chip: bool) -> None:
    """Print tasks, each with its availability if they are those of a chip."""
    print_table(
        ("task", "also", "backend", *(("runs here",) if on_chip else ()), "needs", "makes"),
        (
            (
                one.name,
                ", ".join(one.aliases),
                one.backend or "any",
                *((getattr(one, "why_not", None) or "yes",) if on_chip else ()),
                ", ".join(name for name, given in one.input_parameters.items() if given.required),
                ", ".join(one.output_parameters),
            )
            for one in tasks
        ),
        fold=("runs here", "needs", "makes") if on_chip else ("needs", "makes"),
    )


@task.command()
@click.argument("name")
@click.option(
    "--chip", "chip_id", metavar="CHIP", help="Show the task for this chip, and whether it runs there."
)
@click.option(
    "--backend",
    metavar="NAME",
    help="Show the task of this backend; with --chip, in place of the chip's own.",
)
@access_options
@options.json_option
def show(
    name: str, chip_id: str | None, backend: str | None, command_user: CommandUser, as_json: bool
) -> None:
    """Show inputs, outputs, run parameters, analysis options and typical failures of a task."""
    from qdash_builtin.runs.operations.tasks import show_task, task_on_chip

    document: TaskDocument
    with command_user.connect() as home:
        if chip_id is None:
            document = home.ask(show_task, name, backend)
        else:
            document = home.ask(task_on_chip, chip_id, name, backend)
    if as_json:
        emit_json(document)
    else:
        _show_declared(document)


def _show_declared(document: TaskDocument) -> None:
    from qdash_builtin.runs.views.tasks import TaskOnChip

    print_message(f"{document.name}: {document.description}" if document.description else document.name)
    if document.aliases:
        print_message(f"also: {', '.join(document.aliases)}")
    print_message(f"on a {document.task_type}, by {document.backend or 'any backend'}")
    for replacement in document.replacements or ():
        print_message(replacement.text)
    if document.requires:
        print_message(f"a backend must offer: {', '.join(document.requires)}")
    if isinstance(document, TaskOnChip):
        print_message("runs here" if document.why_not is None else f"does not run here: {document.why_not}")
    inputs = document.input_parameters.items()
    outputs = document.output_parameters.items()
    parameters = document.run_parameters.items()
    choices = document.analysis_options.items()
    for title, columns, rows in (
        ("Needs", ("parameter", "unit", ""), [(one, unit_symbol(of.unit), "" if of.required else "optional") for one, of in inputs]),
        ("Makes", ("parameter", "unit", "what"), [(one, unit_symbol(of.unit), of.description) for one, of in outputs]),
        ("Run parameters", ("parameter", "default", "unit", "what"), [(one, of.value, unit_symbol(of.unit), of.description) for one, of in parameters]),
        ("Analysis options", ("option", "default", "unit", "what"), [(one, of.value, unit_symbol(of.unit), _describe_option(of)) for one, of in choices]),
        ("Keeps", ("array", "unit", "what"), [(one, unit_symbol(of.unit), of.description) for one, of in document.arrays.items()]),
    ):  # fmt: skip
        if rows:
            print_message()
            print_table(columns, rows, title=title, fold=("what", "default"))
    for text in _iter_author_paragraphs(document):
        print_message()
        print_message(text)


def _describe_option(option: RunParameterDocument) -> str:
    if not option.choices:
        return option.description
    return f"{option.description} ({', '.join(map(str, option.choices))})"


def _iter_author_paragraphs(document: TaskDocument) -> Iterator[str]:
    """Yield the paragraphs of the author's text on a task."""
    if document.text_error is not None:
        yield document.text_error
    if document.measures is not None:
        yield f"What it measures: {' '.join(document.measures.split())}"
    for failure in document.failures or ():
        seen, do = (" ".join(text.split()) for text in (failure.seen, failure.do))
        yield f"{failure.title}\n  Seen: {seen}\n  To do: {do}"


@task.command()
@click.argument("name")
@click.option("--chip", "chip_id", required=True, metavar="CHIP", help="The chip.")
@click.option("--qid", default="", metavar="Q", help="Target: a qubit such as 3, a coupling such as 0-1.")
@click.option("--backend", metavar="NAME", help="Backend; default: the chip's own.")
@click.option("--save", is_flag=True, help="Save accepted values as values of the chip.")
@scope_option
@run_mode_options
@options.settings
@options.inputs
@options.repeat
@access_options
@options.json_option
@click.pass_context
def run(
    ctx: click.Context,
    name: str,
    chip_id: str,
    qid: str,
    backend: str | None,
    save: bool,
    scope: str | None,
    mode: RunMode,
    settings: tuple[str, ...],
    inputs: tuple[str, ...],
    repeat: bool | None,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Run one task on one target. Without --save or --scope its values are recorded but not used.

    The run waits while the chip is in use, and can be resumed and cancelled.
    """
    from qdash_core.errors import InvalidInputError
    from qdash_core.models.request import RunRequest
    from qdash_core.models.targets import parse_target_id

    if save and scope is not None:
        raise InvalidInputError("use --save or --scope, not both")
    request = RunRequest(
        chip_id=chip_id,
        flow=name,
        single=parse_target_id(qid) if qid else "",
        saved=save or scope is not None,
        scope=scope,
        repeat=repeat is not False,
        run_parameters=options.parse_run_parameters(settings),
        inputs=options.parse_inputs(inputs),
        backend_name=backend,
    )
    if mode.detach:
        from qdash_builtin.runs.operations.executions import submit_run

        submit_and_show(
            lambda home: home.ask(submit_run, request), command_user=command_user, as_json=as_json
        )
        return
    ended = run_and_watch(request, mode, command_user=command_user)
    with command_user.connect() as home:
        last = find_last_result(home, ended.execution_id)
    show_task_result(last, as_json=as_json)
    ctx.exit(0 if last.status == "completed" else 1)


@task.command()
@click.argument("task_id", metavar="TASK_ID")
@scope_option
@run_mode_options
@access_options
@options.json_option
@click.pass_context
def rerun(
    ctx: click.Context,
    task_id: str,
    scope: str | None,
    mode: RunMode,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Rerun a result with its recorded inputs and run parameters, and compare it with the original.

    The chip's values stay as they are. Without --scope the new values are recorded but not used.
    """
    from qdash_builtin.results.operations.results import compare_results, show_result_rerun_request
    from qdash_builtin.results.text_output.result_comparison import show_result_comparison

    if mode.detach:
        from qdash_builtin.results.operations.results import rerun_result
        from qdash_builtin.results.requests import ResultRerunRequest

        asked = ResultRerunRequest(scope=scope)
        submit_and_show(
            lambda home: home.ask(rerun_result, task_id, asked), command_user=command_user, as_json=as_json
        )
        return
    with command_user.connect() as home:
        request = home.ask(show_result_rerun_request, task_id, scope)
    ended = run_and_watch(request, mode, command_user=command_user)
    with command_user.connect() as home:
        last = find_last_result(home, ended.execution_id)
        document, zone = home.ask(compare_results, last.task_id), home.zone
    if as_json:
        emit_json(document)
    else:
        show_result_comparison(document, zone)
    ctx.exit(0 if last.status == "completed" else 1)


@task.command()
@click.argument("task_id", metavar="TASK_ID")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Output file: .json, .html, .png or .svg; default: standard output.",
)
@access_options
def figure(task_id: str, output: Path | None, command_user: CommandUser) -> None:
    """Draw the figure of a result, as Plotly JSON or in the format of the file's suffix."""
    from qdash_builtin.results.operations.results import result_figure
    from qdash_core.tasks.figure_files import get_figure_renderer

    draw = None if output is None else get_figure_renderer(output.suffix)
    with command_user.connect() as home:
        drawn = dict(home.ask(result_figure, task_id))
    if output is None or draw is None:
        emit_json(drawn)
    else:
        write_file(output, draw(drawn))
