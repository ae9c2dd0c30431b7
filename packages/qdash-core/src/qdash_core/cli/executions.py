"""`qdash executions`: what was run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from qdash_core.cli import options
from qdash_core.cli.output import emit_json, moment, table

if TYPE_CHECKING:
    from qdash_core.models.execution import ExecutionModel
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
}


@click.group()
def executions() -> None:
    """List and show what was run."""


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
    if as_json:
        emit_json([_header(execution) for execution in found])
    elif found:
        table(
            ("execution", "chip", "flow", "status", "tasks", "begun", "wall s"),
            (
                (
                    e.execution_id,
                    e.chip_id,
                    e.name,
                    e.status,
                    _counts(e.tasks),
                    moment(e.start_at, zone),
                    _seconds(e.elapsed_time),
                )
                for e in found
            ),
        )
    else:
        click.echo("nothing has been run yet")


@executions.command()
@click.argument("execution_id", metavar="ID")
@options.project
@options.as_json
def show(execution_id: str, project: str | None, as_json: bool) -> None:
    """Show an execution with its results."""
    from qdash_core.application import open_qdash

    with open_qdash() as qdash:
        execution, results = qdash.executions.show(qdash.projects.require(project), execution_id)
    if as_json:
        emit_json({**_header(execution), "results": [_result(result) for result in results]})
        return
    click.echo(
        f"{execution.execution_id} on {execution.chip_id}: {execution.status} {execution.message}".rstrip()
    )
    click.echo(
        f"{_counts(execution.tasks)}; {_seconds(execution.elapsed_time)} s here, {_seconds(execution.lab_seconds)} s in a laboratory"
    )
    table(
        ("task", "target", "status", "verdict", "message", "id"),
        ((r.name, r.qid, r.status, r.verdict, r.message, r.task_id) for r in results),
    )


def _header(execution: ExecutionModel) -> dict[str, Any]:
    document = execution.model_dump(mode="json", include=_HEADER, exclude_none=True)
    return {**document, **clocks(execution)}


def clocks(execution: ExecutionModel) -> dict[str, float]:
    """Return the wall and laboratory times of an execution, as far as they are known."""
    times = {"wall_s": execution.elapsed_time, "lab_s": execution.lab_seconds}
    return {name: seconds for name, seconds in times.items() if seconds is not None}


def _result(result: TaskResultModel) -> dict[str, Any]:
    return dict(result.model_dump(mode="json", include=_RESULT, exclude_none=True))


def _counts(tasks: dict[str, int]) -> str:
    return ", ".join(f"{count} {state}" for state, count in sorted(tasks.items())) or "no results"


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.1f}"
