"""Commands that results add to `qdash task`: run tasks; list, rerun, refit and draw results."""

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
from qdash_builtin.runs.commands.watched_runs import RunMode, run_and_watch, run_mode_options, submit_and_show
from qdash_builtin.runs.views.results import ResultDocument
from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.operation_commands import add_commands
from qdash_cli.rendering.output import emit_json, write_file
from qdash_core.documents.pages import PageOf

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_builtin.runs.views.results import RecordedResult
    from qdash_core.models.request import GivenInput
    from qdash_core.operations.transport import Transport

task = click.Group("task", commands=[data, refit, record_analysis])
add_commands(task, operations, {PageOf[ResultDocument]: print_results})


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
        inputs=_parse_inputs(inputs),
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
        last = _find_last_result(home, ended.execution_id)
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
        last = _find_last_result(home, ended.execution_id)
        document, zone = home.ask(compare_results, last.task_id), home.zone
    if as_json:
        emit_json(document)
    else:
        show_result_comparison(document, zone)
    ctx.exit(0 if last.status == "completed" else 1)


def _find_last_result(home: Transport, execution_id: str) -> RecordedResult:
    """Return the last result of a run of one task on one target."""
    from qdash_builtin.results.operations.results import show_result
    from qdash_builtin.runs.operations.executions import show_selected_results
    from qdash_core.models.task import select_last_attempts

    results = home.ask(show_selected_results, execution_id).results
    return home.ask(show_result, select_last_attempts(results)[-1].task_id)


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
    from qdash_builtin.figures.files import get_figure_renderer
    from qdash_builtin.results.operations.results import result_figure

    draw = None if output is None else get_figure_renderer(output.suffix)
    with command_user.connect() as home:
        drawn = dict(home.ask(result_figure, task_id))
    if output is None or draw is None:
        emit_json(drawn)
    else:
        write_file(output, draw(drawn))


def _parse_inputs(given: Iterable[str]) -> dict[str, GivenInput]:
    """Return `--input` options by name; raise InvalidInputError if one is no value or occurs twice."""
    from qdash_builtin.request_parts.typed_values import parse_values
    from qdash_core.models.request import GivenInput

    return {
        name: GivenInput(value=one.value, error=one.error, unit=one.unit)
        for name, one in parse_values(given).items()
    }
