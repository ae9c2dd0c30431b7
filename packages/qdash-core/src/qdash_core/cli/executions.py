"""`qdash executions`: what was run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from qdash_core.cli import options
from qdash_core.cli.output import counts, emit_json, moment, quantities, short_moment, table
from qdash_core.cli.result_filters import ResultFilter, result_filter
from qdash_core.cli.runs import cancel, resume
from qdash_core.cli.timelines import stage_document, stage_line, timeline

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from qdash_core.executions.timelines import StageTimes
    from qdash_core.models.execution import ExecutionModel, RunAttempt
    from qdash_core.models.task import TaskResultModel

_HEADER = {
    "execution_id",
    "chip_id",
    "name",
    "username",
    "status",
    "message",
    "tasks",
    "tags",
    "start_at",
    "end_at",
    "flow_run_id",
    "attempts",
}
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
    """List and show what was run, resume and cancel it."""


executions.add_command(resume)
executions.add_command(cancel)
executions.add_command(timeline)


@executions.command("list")
@click.option("--chip", metavar="CHIP", help="Only those of one chip.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="At most so many.")
@options.project
@options.as_json
def list_executions(chip: str | None, limit: int, project: str | None, as_json: bool) -> None:
    """List executions, newest first."""
    from qdash_core.application import open_qdash

    with open_qdash() as qdash:
        project_id = qdash.projects.require(project)
        if chip is not None:
            qdash.chips.show(project_id, chip)
        zone = qdash.settings.zone
        found = qdash.executions.newest(project_id, chip_id=chip, limit=limit)
        interrupted = {one.execution_id for one in found if qdash.executions.is_interrupted(one)}
    if as_json:
        emit_json([header(one, interrupted=one.execution_id in interrupted) for one in found])
    elif found:
        table(
            ("execution", "chip", "flow", "status", "tasks", "begun"),
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
@click.argument("execution_id", metavar="ID")
@result_filter
@options.project
@options.as_json
def show(execution_id: str, only: ResultFilter, project: str | None, as_json: bool) -> None:
    """Show an execution with its results."""
    from qdash_core.application import open_qdash
    from qdash_core.executions.timelines import times_of_stages

    with open_qdash() as qdash:
        execution, results = qdash.executions.show(qdash.projects.require(project), execution_id)
        interrupted = qdash.executions.is_interrupted(execution)
        zone = qdash.settings.zone
        wanted = only.of(qdash, execution, results)
    stages = times_of_stages(execution, results)
    if as_json:
        shown = header(execution, interrupted=interrupted)
        schedule = [stage_document(times) for times in stages]
        emit_json({**shown, "schedule": schedule, "results": [_result(result) for result in wanted]})
        return
    _show_header(execution, results, stages, zone, interrupted=interrupted)
    _show_results(wanted)


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
        f"{execution.elapsed_time:.1f} s here" if execution.elapsed_time is not None else "",
        f"{execution.lab_seconds:.1f} s in a laboratory" if execution.lab_seconds is not None else "",
    )
    click.echo(", ".join(filter(None, times)))
    if len(execution.attempts) > 1:
        for number, attempt in enumerate(execution.attempts, 1):
            click.echo(f"attempt {number}: begun {moment(attempt.start_at, zone)}, {_ended(attempt)}")
    for stage in stages:
        click.echo(stage_line(stage))


def _show_results(results: list[TaskResultModel]) -> None:
    if results:
        click.echo()
        table(
            ("task", "target", "result", "lab s", "values or reason", "task id"),
            ((_named(r), r.qid, _became(r), _lab(r), _told(r), r.task_id) for r in _refits_below(results)),
            fold=("values or reason",),
        )


def _ended(what: ExecutionModel | RunAttempt) -> str:
    """Return the status with the message: `failed no task completed`, `cancelled by admin`."""
    return f"{what.status} {what.message.removeprefix(what.status).strip()}".rstrip()


def flagged_of(results: Iterable[TaskResultModel]) -> int:
    """Return how many tasks completed with values that are not used. A refit is not a task of the run."""
    return sum(r.status == "completed" and r.verdict == "flagged" and r.refit_of is None for r in results)


def _refits_below(results: list[TaskResultModel]) -> list[TaskResultModel]:
    """Return results in their order, each refit below what it analysed again."""
    measured = {r.task_id for r in results if r.refit_of is None}
    refits: dict[str, list[TaskResultModel]] = {}
    for result in results:
        if result.refit_of in measured:
            refits.setdefault(str(result.refit_of), []).append(result)
    return [
        one
        for result in results
        if result.refit_of not in measured
        for one in (result, *refits.get(result.task_id, ()))
    ]


def _became(result: TaskResultModel) -> str:
    """Return the verdict of what completed, the status of anything else."""
    return str(result.verdict if result.status == "completed" and result.verdict else result.status)


def _named(result: TaskResultModel) -> str:
    return result.name if result.attempt == 1 else f"{result.name} (attempt {result.attempt})"


def _lab(result: TaskResultModel) -> str:
    return "" if result.lab_s is None else f"{result.lab_s:.2f}"


def _told(result: TaskResultModel) -> str:
    """Return the values in short form, and what has to be known about them."""
    parts = [
        f"refit of {result.refit_of}" if result.refit_of else "",
        "a trial, not used" if not result.saved else "",
        result.message.removeprefix(f"{_became(result)}: "),
        quantities(result.output_parameters),
    ]
    return "; ".join(filter(None, parts))


def header(execution: ExecutionModel, *, interrupted: bool = False) -> dict[str, Any]:
    document = execution.model_dump(mode="json", include=_HEADER, exclude_none=True)
    return {**document, **({"interrupted": True} if interrupted else {}), **clocks(execution)}


def clocks(execution: ExecutionModel) -> dict[str, float]:
    """Return the wall and laboratory times of an execution that has them.

    Where the backend keeps no time of its own, the wall's is the laboratory's.
    """
    if execution.elapsed_time is None:
        return {}
    wall, lab = execution.elapsed_time, execution.lab_seconds
    return {"wall_s": wall, "lab_s": wall if lab is None else lab}


def _result(result: TaskResultModel) -> dict[str, Any]:
    return dict(result.model_dump(mode="json", include=_RESULT, exclude_none=True))


def _share(tasks: dict[str, int]) -> str:
    """Return `18/21`: how many of the tasks completed; nothing while they are not counted."""
    return f"{tasks.get('completed', 0)}/{sum(tasks.values())}" if tasks else ""
