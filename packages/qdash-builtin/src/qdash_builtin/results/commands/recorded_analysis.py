"""Command `qdash task record-analysis`: a user's own analysis of stored raw data as a new result."""

from __future__ import annotations

import click

from qdash_builtin.results.text_output.task_result import show_task_result
from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options


@click.command("record-analysis")
@click.argument("task_id", metavar="TASK_ID")
@click.argument("given", metavar="NAME=VALUE[±ERROR] ...", nargs=-1, required=True)
@click.option("--model", required=True, metavar="TEXT", help="The model in words: 'stretched exponential'.")
@click.option("--note", default="", metavar="TEXT", help="Note on the new result.")
@click.option("--no-save", is_flag=True, help="Record the estimates; do not make them values of the chip.")
@access_options
@options.json_option
@click.pass_context
def record_analysis(
    ctx: click.Context,
    task_id: str,
    given: tuple[str, ...],
    model: str,
    note: str,
    no_save: bool,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Record your own analysis of the raw data of a result as a new result, validated like any other.

    The estimates are outputs of its task. Example: `qdash task record-analysis TASK_ID t1=45.2±0.8 --model "stretched exponential"`.
    """
    from qdash_builtin.request_parts.typed_values import parse_values
    from qdash_builtin.results.operations import results
    from qdash_builtin.results.requests import AnalysisRequest
    from qdash_builtin.values.requests.value_changes import NewValue

    request = AnalysisRequest(
        parameters=NewValue.from_parameters(parse_values(given)), model=model, note=note, save=not no_save
    )
    with command_user.connect() as home:
        recorded = home.ask(results.record_analysis, task_id, request)
    show_task_result(recorded, as_json=as_json)
    ctx.exit(0 if recorded.status == "completed" else 1)
