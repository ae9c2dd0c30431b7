"""Command `qdash executions`: list and inspect executions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.rendering.output import emit_json, format_outcomes, print_message, print_table
from qdash_core.cli.rendering.times import format_short_time, format_time, format_time_header
from qdash_core.cli.result_filters import RecordFilters, record_filter_options, result_filter_options
from qdash_core.cli.run_results import show_results
from qdash_core.cli.runs import adopt, cancel, follow, logs, resume
from qdash_core.cli.timelines import describe_stage, timeline
from qdash_core.models.times import format_duration

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from qdash_core.models.execution import ExecutionModel, RunAttempt
    from qdash_core.record.execution_lists import ListedExecution
    from qdash_core.record.run_results import ResultSelection
    from qdash_core.record.timelines import StageTimes


@click.group()
def executions() -> None:
    """List, show, follow, resume and cancel executions."""


executions.add_command(resume)
executions.add_command(cancel)
executions.add_command(follow)
executions.add_command(logs)
executions.add_command(adopt)
executions.add_command(timeline)


@executions.command("list")
@click.option("--chip", metavar="CHIP", help="Only those on this chip.")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    metavar="STATUS",
    help="Only those with this status: scheduled, running, interrupted, completed, failed or cancelled; may be repeated.",
)
@click.option("--task", metavar="NAME", help="Only those with a result of this task.")
@click.option(
    "--verdict",
    metavar="VERDICT",
    help="Only those with a result that is accepted, flagged or rejected; with --task, of that task.",
)
@record_filter_options
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="Maximum number.")
@click.option("--after", metavar="ID|last", help="Only those after this one: the next page.")
@access_options
@options.json_option
def list_executions(
    chip: str | None,
    statuses: tuple[str, ...],
    task: str | None,
    verdict: str | None,
    shared: RecordFilters,
    limit: int,
    after: str | None,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """List executions, newest first."""
    from qdash_core.documents.executions import ExecutionHeader
    from qdash_core.record.execution_lists import ExecutionFilter

    with command_user.open_for_reading() as (qdash, access):
        zone = qdash.zone
        only = ExecutionFilter(
            chip_id=chip, statuses=statuses, task=task, verdict=verdict, **shared.parse(zone)
        )
        found = qdash.executions.list_executions(access, only, limit=limit + 1, after=after)
    page = found[:limit]
    if as_json:
        emit_json(
            [ExecutionHeader.from_execution(one.execution, interrupted=one.interrupted) for one in page]
        )
    elif page:
        begun = format_time_header("begun", zone, (one.execution.start_at for one in page))
        columns = ("execution", "chip", "flow", "status", "user", begun, "took", "results", "tags")
        print_table(columns, (_make_execution_row(one, zone) for one in page))
        if len(found) > limit:
            print_message(f"and more: --after {page[-1].execution.execution_id}")
    else:
        print_message("no matching executions" if only or after else "no executions yet")


def _make_execution_row(listed: ListedExecution, zone: ZoneInfo) -> tuple[object, ...]:
    execution = listed.execution
    return (
        execution.execution_id,
        execution.chip_id,
        execution.name,
        f"{listed.status}, simulated"
        if execution.simulated
        else f"{listed.status}, scope {execution.scope}"
        if execution.scope
        else listed.status,
        execution.username,
        format_short_time(execution.start_at, zone),
        "" if execution.elapsed_time is None else format_duration(execution.elapsed_time),
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
    from qdash_core.documents.executions import ExecutionDocument
    from qdash_core.flows.exclusions import describe_exclusions
    from qdash_core.record.timelines import list_stage_times

    with command_user.open_for_reading() as (qdash, access):
        zone = qdash.zone
        view = qdash.executions.select_results(access, execution_id, only)
    execution, stages = view.displayed.execution, list_stage_times(view.displayed.execution, view.results)
    if as_json:
        emit_json(
            ExecutionDocument.with_results(
                execution, stages, view.selected, interrupted=view.displayed.interrupted
            )
        )
        return
    _show_header(execution, stages, zone, interrupted=view.displayed.interrupted)
    if execution.left_out:
        print_message(f"not measured: {describe_exclusions(execution.left_out, briefly=not every)}")
    show_results(view.selected, zone, every=every or bool(only))


def _show_header(
    execution: ExecutionModel,
    stages: list[StageTimes],
    zone: ZoneInfo,
    *,
    interrupted: bool,
) -> None:
    status = "running, interrupted: the process that ran it died" if interrupted else _format_end(execution)
    print_message(f"{execution.execution_id} on {execution.chip_id}: {status}")
    if execution.simulated:
        print_message(_describe_simulation(execution, zone))
    if execution.request is not None and execution.request.drafted_by is not None:
        print_message(f"{execution.request.drafted_by}, confirmed by {execution.username}")
    if execution.scope is not None:
        print_message(
            f"in value scope {execution.scope}: `qdash scope show {execution.chip_id} {execution.scope}`"
        )
    print_message(format_outcomes(execution.outcomes) or "no results")
    times = (
        f"begun {format_time(execution.start_at, zone)}" if execution.start_at else "",
        f"{format_duration(execution.elapsed_time)} elapsed" if execution.elapsed_time is not None else "",
        f"{format_duration(execution.lab_seconds)} of laboratory time"
        if execution.lab_seconds is not None
        else "",
    )
    print_message(", ".join(filter(None, times)))
    if len(execution.attempts) > 1:
        for number, attempt in enumerate(execution.attempts, 1):
            print_message(
                f"attempt {number}: begun {format_time(attempt.start_at, zone)}, {_format_end(attempt)}"
            )
    for stage in stages:
        print_message(describe_stage(stage))


def _describe_simulation(execution: ExecutionModel, zone: ZoneInfo) -> str:
    if (adopted := execution.adopted) is not None:
        when = format_time(adopted.adopted_at, zone)
        return f"simulated; {adopted.username} adopted its values for {execution.chip_id} {when}"
    return f"simulated: its values are not those of {execution.chip_id}"


def _format_end(what: ExecutionModel | RunAttempt) -> str:
    """Return the status with the message: `failed no task completed`, `cancelled by admin`."""
    return f"{what.status} {what.message.removeprefix(what.status).strip()}".rstrip()
