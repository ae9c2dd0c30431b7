"""Command `qdash executions`: list and inspect executions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_builtin.runs.commands.result_filters import result_filter_options
from qdash_builtin.runs.commands.run_results import show_results
from qdash_builtin.runs.commands.runs import adopt, cancel, follow, logs, resume
from qdash_builtin.runs.commands.timelines import describe_stage, timeline
from qdash_builtin.runs.operations.executions import operations
from qdash_builtin.runs.views.executions import ExecutionHeader
from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.operation_commands import add_commands
from qdash_cli.rendering.output import emit_json, format_outcomes, print_message, print_table
from qdash_cli.rendering.times import format_short_time, format_time, format_time_header
from qdash_core.documents.pages import PageOf
from qdash_core.models.times import format_duration

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from qdash_builtin.runs.run_results import ResultSelection
    from qdash_builtin.runs.views.executions import ExecutionDocument
    from qdash_core.models.execution import RunAttempt


@click.group()
def executions() -> None:
    """List, show, follow, resume and cancel executions."""


executions.add_command(resume)
executions.add_command(cancel)
executions.add_command(follow)
executions.add_command(logs)
executions.add_command(adopt)
executions.add_command(timeline)


def _print_executions(found: Sequence[ExecutionHeader], zone: ZoneInfo) -> None:
    begun = format_time_header("begun", zone, (one.start_at for one in found))
    columns = ("execution", "chip", "flow", "status", "user", begun, "took", "results", "tags")
    print_table(columns, (_make_execution_row(one, zone) for one in found))


def _make_execution_row(execution: ExecutionHeader, zone: ZoneInfo) -> tuple[object, ...]:
    status = "interrupted" if execution.interrupted else str(execution.status)
    return (
        execution.execution_id,
        execution.chip_id,
        execution.name,
        f"{status}, simulated"
        if execution.simulated
        else f"{status}, scope {execution.scope}"
        if execution.scope
        else status,
        execution.username,
        format_short_time(execution.start_at, zone),
        "" if execution.wall_s is None else format_duration(execution.wall_s),
        format_outcomes(execution.outcomes),
        ", ".join(execution.tags),
    )


@executions.command()
@click.argument("execution_id", metavar="ID|last")
@click.option("--all", "every", is_flag=True, help="Show every result, not only counts.")
@result_filter_options
@access_options
@options.json_option
def show(
    execution_id: str, only: ResultSelection, every: bool, command_user: CommandUser, as_json: bool
) -> None:
    """Show an execution with its results; for many, counts by task and the failed and flagged ones."""
    from qdash_builtin.runs.operations.executions import show_selected_results
    from qdash_core.flows.exclusions import describe_exclusions

    with command_user.connect() as home:
        zone = home.zone
        execution = home.ask(show_selected_results, execution_id, only.targets, only.tasks, only.outcomes)
    if as_json:
        emit_json(execution)
        return
    _show_header(execution, zone)
    if execution.left_out:
        print_message(f"not measured: {describe_exclusions(execution.left_out, briefly=not every)}")
    show_results(execution.results, zone, every=every or bool(only))


def _show_header(execution: ExecutionDocument, zone: ZoneInfo) -> None:
    status = (
        "running, interrupted: the process that ran it died"
        if execution.interrupted
        else _format_end(execution)
    )
    print_message(f"{execution.execution_id} on {execution.chip_id}: {status}")
    if execution.simulated:
        print_message(_describe_simulation(execution, zone))
    if execution.drafted_by:
        print_message(f"{execution.drafted_by}, confirmed by {execution.username}")
    if execution.scope is not None:
        print_message(
            f"in value scope {execution.scope}: `qdash scope show {execution.chip_id} {execution.scope}`"
        )
    print_message(format_outcomes(execution.outcomes) or "no results")
    times = (
        f"begun {format_time(execution.start_at, zone)}" if execution.start_at else "",
        f"{format_duration(execution.wall_s)} elapsed" if execution.wall_s is not None else "",
        f"{format_duration(execution.lab_s)} of laboratory time"
        if execution.lab_s is not None and any(one.lab_seconds is not None for one in execution.attempts)
        else "",
    )
    print_message(", ".join(filter(None, times)))
    if len(execution.attempts) > 1:
        for number, attempt in enumerate(execution.attempts, 1):
            print_message(
                f"attempt {number}: begun {format_time(attempt.start_at, zone)}, {_format_end(attempt)}"
            )
    for stage in execution.schedule:
        print_message(describe_stage(stage))


def _describe_simulation(execution: ExecutionHeader, zone: ZoneInfo) -> str:
    if (adopted := execution.adopted) is not None:
        when = format_time(adopted.adopted_at, zone)
        return f"simulated; {adopted.username} adopted its values for {execution.chip_id} {when}"
    return f"simulated: its values are not those of {execution.chip_id}"


def _format_end(what: ExecutionHeader | RunAttempt) -> str:
    """Return the status with the message: `failed no task completed`, `cancelled by admin`."""
    return f"{what.status} {what.message.removeprefix(what.status).strip()}".rstrip()


add_commands(executions, operations, {PageOf[ExecutionHeader]: _print_executions})
