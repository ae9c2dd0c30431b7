"""`qdash calibrate`: run a flow on a chip."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from qdash_core.cli import options
from qdash_core.cli.executions import clocks, left_out_document
from qdash_core.cli.output import counted, counts, emit_json
from qdash_core.cli.run_results import flagged_of
from qdash_core.cli.timelines import expected

if TYPE_CHECKING:
    from qdash_core.application import QDash
    from qdash_core.flows.job import FlowJob, TargetSelection
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.task import TaskResultModel


@click.command()
@click.argument("chip_id", metavar="CHIP")
@click.option(
    "--flow",
    required=True,
    metavar="NAME",
    help="A flow (`bring-up`, `two-qubit`, `full`, `check`, `fine-tune`, or a plugin's), the name of one task, or FILE.py[:FUNCTION].",
)
@click.option("--qids", metavar="0,1,..", help="Only these qubits.")
@click.option("--mux", metavar="0-3,..", help="Only the qubits of these multiplexers.")
@click.option("--couplings", metavar="0-1,..", help="Only these couplings.")
@click.option("--exclude", metavar="5,..", help="Without these qubits.")
@click.option("--backend", metavar="NAME", help="Instead of the chip's own.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Kept with the execution and its results.")
@click.option("--dry-run", is_flag=True, help="Check everything, show what would be run, and run nothing.")
@options.settings
@options.parameters
@options.project
@options.user
@options.as_json
@click.pass_context
def calibrate(
    ctx: click.Context,
    chip_id: str,
    flow: str,
    qids: str | None,
    mux: str | None,
    couplings: str | None,
    exclude: str | None,
    backend: str | None,
    tags: tuple[str, ...],
    dry_run: bool,
    settings: tuple[str, ...],
    parameters: tuple[str, ...],
    project: str | None,
    user: str,
    as_json: bool,
) -> None:
    """Run a flow on a chip, and record everything."""
    from qdash_core.flows.job import FlowJob

    job = FlowJob(
        username=user,
        chip_id=chip_id,
        flow=located(flow),
        project_id=project,
        targets=_targets(qids, mux, couplings, exclude),
        tags=tags,
        run_parameters=options.run_parameters(settings),
        backend_name=backend,
        parameters=options.flow_parameters(parameters),
    )
    if dry_run:
        ctx.exit(0 if _show_plan(job, as_json) else 1)
    else:
        run_and_show(ctx, job, as_json=as_json)


def run_and_show(ctx: click.Context, job: FlowJob, *, as_json: bool) -> None:
    """Run a job, show what came of it, and end the command with the status that says so."""
    execution, flagged = run_and_watch(job)
    if as_json:
        emit_json(outcome_document(execution))
    else:
        show_outcome(execution, flagged=flagged)
    ctx.exit(0 if execution.status == "completed" else 1)


def run_and_watch(job: FlowJob) -> tuple[ExecutionModel, int]:
    """Run a job while it is shown how it goes; return its execution, and how many results are flagged."""
    from qdash_core.application import open_qdash
    from qdash_core.cli.watching import Watcher

    with open_qdash() as qdash, Watcher(_done_already(qdash, job)) as watcher:
        runner = qdash.registry.runner(qdash.settings.runner)
        execution = runner.run(qdash, job, watcher)
        _, results = qdash.executions.show(execution.project_id, execution.execution_id)
    return execution, flagged_of(results)


def _done_already(qdash: QDash, job: FlowJob) -> list[TaskResultModel]:
    """Return what is not going to be measured again of an execution that a job resumes."""
    from qdash_core.models.task import last_attempts

    if job.resume is None:
        return []
    _, results = qdash.executions.show(qdash.projects.require(job.project_id), job.resume)
    return [result for result in last_attempts(results) if result.status == "completed"]


def located(flow: str) -> str:
    """Return a flow in a file by its whole path: the job may be run again from another folder."""
    from pathlib import Path

    from qdash_core.flows.job import is_file

    return str(Path(flow).absolute()) if is_file(flow) else flow


def _targets(
    qids: str | None, mux: str | None, couplings: str | None, exclude: str | None
) -> TargetSelection:
    from qdash_core.errors import InvalidInputError
    from qdash_core.flows.job import TargetSelection
    from qdash_core.models.targets import parse_couplings, parse_qubits, parse_ranges

    if sum(given is not None for given in (qids, mux, couplings)) > 1:
        raise InvalidInputError("--qids, --mux and --couplings: one of them at a time")
    if couplings is not None and exclude is not None:
        raise InvalidInputError("--exclude leaves out qubits: of --couplings, name those that are wanted")
    return TargetSelection(
        qubits=None if qids is None else parse_qubits(qids),
        muxes=None if mux is None else parse_ranges(mux),
        couplings=None if couplings is None else parse_couplings(couplings),
        exclude=() if exclude is None else parse_qubits(exclude),
    )


def _show_plan(job: FlowJob, as_json: bool) -> bool:
    """Show what a job would run; return whether it would measure anything."""
    from qdash_core.application import open_qdash
    from qdash_core.errors import InvalidInputError
    from qdash_core.flows.left_out import in_words
    from qdash_core.runs.performing import prepared

    if job.of_ones_own:
        raise InvalidInputError(f"--dry-run: what {job.flow} would run is known only to itself")
    with open_qdash() as qdash:
        calibration, targets, steps = prepared(qdash, job)
        foreseen = calibration.foresee(targets, steps)
    stages, forecasts = foreseen.stages, foreseen.forecasts
    measures = any(stage.tasks and stage.targets for stage in stages)
    if as_json:
        tasks = [task.name for stage in stages for task in stage.tasks]
        emit_json(
            {
                "dry_run": True,
                "targets": foreseen.targets,
                **left_out_document(foreseen.left_out),
                "tasks": tasks,
                "stages": [
                    {
                        "step": stage.step,
                        "tasks": [task.name for task in stage.tasks],
                        "targets": list(stage.targets),
                        **({} if forecast is None else asdict(forecast)),
                    }
                    for stage, forecast in zip(stages, forecasts, strict=True)
                ],
            }
        )
        return measures
    if foreseen.left_out:
        click.echo(f"not measured: {in_words(foreseen.left_out)}")
    for stage, forecast in zip(stages, forecasts, strict=True):
        names = ", ".join(task.name for task in stage.tasks)
        where = "the whole chip" if stage.targets == ("",) else ", ".join(stage.targets)
        if stage.tasks:
            click.echo(f"{stage.step}: {counted(len(stage.tasks), 'task')}: {names}")
            click.echo(
                f"  on {counted(len(stage.targets), 'target')}: {where}" if where else "  on no target"
            )
            if forecast is not None:
                times = expected(forecast.makespan_s, forecast.lower_bound_s, forecast.group_by_group_s)
                click.echo(f"  in {counted(len(forecast.groups), 'group')}: {times}")
        else:
            click.echo(f"{stage.step}: of {counted(len(stage.targets), 'target')}")
    if not measures:
        click.echo("nothing would be measured: no target is left")
    return measures


def outcome_document(execution: ExecutionModel) -> dict[str, Any]:
    """Return what a finished run amounts to."""
    return {
        "execution_id": execution.execution_id,
        "status": str(execution.status),
        "tasks": execution.tasks,
        **({"message": execution.message} if execution.message else {}),
        **left_out_document(execution.left_out),
        **clocks(execution),
    }


def show_outcome(execution: ExecutionModel, *, flagged: int) -> None:
    message = f" ({execution.message})" if execution.message else ""
    click.echo(
        f"{execution.execution_id} {execution.status}: {counts(execution.tasks, flagged=flagged)}{message}"
    )
    if execution.elapsed_time is not None and execution.lab_seconds is not None:
        click.echo(f"{execution.elapsed_time:.1f} s here, {execution.lab_seconds:.1f} s in a laboratory")
    click.echo(
        f"see `qdash metrics {execution.chip_id}` and `qdash executions show {execution.execution_id}`"
    )
