"""`qdash executions`: what was run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from qdash_core.cli import options
from qdash_core.cli.acting import Acting, acting
from qdash_core.cli.execution_documents import header
from qdash_core.cli.naming import named_execution
from qdash_core.cli.rendering.output import counts, emit_json, table
from qdash_core.cli.rendering.times import duration, moment, short_moment, times_of
from qdash_core.cli.result_filters import ResultFilter, result_filter
from qdash_core.cli.run_results import flagged_of, show_results
from qdash_core.cli.runs import cancel, follow, logs, resume
from qdash_core.cli.timelines import stage_document, stage_line, timeline

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from qdash_core.models.execution import ExecutionModel, RunAttempt
    from qdash_core.models.task import TaskResultModel
    from qdash_core.record.timelines import StageTimes

_RESULT = {
    "task_id",
    "name",
    "qid",
    "attempt",
    "status",
    "verdict",
    "message",
    "input_parameters",
    "output_parameters",
    "raw_data_path",
    "refit_of",
    "start_at",
    "end_at",
    "lab_start_s",
    "lab_s",
}


@click.group()
def executions() -> None:
    """List and show what was run, follow, resume and cancel it."""


executions.add_command(resume)
executions.add_command(cancel)
executions.add_command(follow)
executions.add_command(logs)
executions.add_command(timeline)


@executions.command("list")
@click.option("--chip", metavar="CHIP", help="Only those of one chip.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="At most so many.")
@acting
@options.as_json
def list_executions(chip: str | None, limit: int, acting: Acting, as_json: bool) -> None:
    """List executions, newest first."""

    with acting.reading() as (qdash, access):
        if chip is not None:
            qdash.chips.show(access.project_id, chip)
        zone = qdash.zone
        found = qdash.executions.newest(access.project_id, chip_id=chip, limit=limit)
        interrupted = {one.execution_id for one in found if qdash.executions.is_interrupted(one)}
    if as_json:
        emit_json([header(one, interrupted=one.execution_id in interrupted) for one in found])
    elif found:
        table(
            (
                "execution",
                "chip",
                "flow",
                "status",
                "tasks",
                times_of("begun", zone, (e.start_at for e in found)),
            ),
            (
                (
                    e.execution_id,
                    e.chip_id,
                    e.name,
                    "interrupted" if e.execution_id in interrupted else e.status,
                    _share(e.tasks),
                    short_moment(e.start_at, zone),
                )
                for e in found
            ),
        )
    else:
        click.echo("nothing has been run yet")


@executions.command()
@click.argument("execution_id", metavar="ID|last")
@click.option("--all", "every", is_flag=True, help="Every result, however many there are.")
@result_filter
@acting
@options.as_json
def show(execution_id: str, only: ResultFilter, every: bool, acting: Acting, as_json: bool) -> None:
    """Show an execution with its results; of many, how many of each task, and those that failed or are flagged."""
    from qdash_core.flows.left_out import in_words
    from qdash_core.record.timelines import times_of_stages

    with acting.reading() as (qdash, access):
        execution, results = qdash.executions.show(
            access.project_id, named_execution(qdash, access.project_id, execution_id)
        )
        interrupted = qdash.executions.is_interrupted(execution)
        zone = qdash.zone
        wanted = only.of(qdash, execution, results)
    stages = times_of_stages(execution, results)
    if as_json:
        shown = header(execution, interrupted=interrupted)
        schedule = [stage_document(times) for times in stages]
        emit_json({**shown, "schedule": schedule, "results": [_result(result) for result in wanted]})
        return
    _show_header(execution, results, stages, zone, interrupted=interrupted)
    if execution.left_out:
        click.echo(f"not measured: {in_words(execution.left_out, briefly=not every)}")
    show_results(wanted, every=every or bool(only))


def _show_header(
    execution: ExecutionModel,
    results: list[TaskResultModel],
    stages: list[StageTimes],
    zone: ZoneInfo,
    *,
    interrupted: bool,
) -> None:
    status = "running, interrupted: the process that ran it died" if interrupted else _ended(execution)
    click.echo(f"{execution.execution_id} on {execution.chip_id}: {status}")
    click.echo(counts(execution.tasks, flagged=flagged_of(results) if execution.tasks else 0))
    times = (
        f"begun {moment(execution.start_at, zone)}" if execution.start_at else "",
        f"{duration(execution.elapsed_time)} here" if execution.elapsed_time is not None else "",
        f"{duration(execution.lab_seconds)} in a laboratory" if execution.lab_seconds is not None else "",
    )
    click.echo(", ".join(filter(None, times)))
    if len(execution.attempts) > 1:
        for number, attempt in enumerate(execution.attempts, 1):
            click.echo(f"attempt {number}: begun {moment(attempt.start_at, zone)}, {_ended(attempt)}")
    for stage in stages:
        click.echo(stage_line(stage))


def _ended(what: ExecutionModel | RunAttempt) -> str:
    """Return the status with the message: `failed no task completed`, `cancelled by admin`."""
    return f"{what.status} {what.message.removeprefix(what.status).strip()}".rstrip()


def _result(result: TaskResultModel) -> dict[str, Any]:
    return dict(result.model_dump(mode="json", include=_RESULT, exclude_none=True))


def _share(tasks: dict[str, int]) -> str:
    """Return `18/21`: how many of the tasks completed; nothing while they are not counted."""
    return f"{tasks.get('completed', 0)}/{sum(tasks.values())}" if tasks else ""
