"""`qdash executions resume` and `cancel`: runs gone on with, and stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from qdash_core.cli import options
from qdash_core.cli.output import counts, emit_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.flows.job import FlowJob


@click.command()
@click.argument("execution_id", metavar="[ID]", required=False)
@click.option(
    "--all", "every", is_flag=True, help="Every execution that was interrupted and not run anew since."
)
@options.project
@options.user
@options.as_json
@click.pass_context
def resume(
    ctx: click.Context,
    execution_id: str | None,
    every: bool,
    project: str | None,
    user: str,
    as_json: bool,
) -> None:
    """Go on with an execution that was interrupted, failed or was cancelled.

    What completed is not measured again; the rest of its flow is run.
    """
    from qdash_core.application import open_qdash
    from qdash_core.cli.calibrate import run_and_show
    from qdash_core.errors import InvalidInputError
    from qdash_core.runs.resuming import interrupted, job_to_resume

    if (execution_id is None) is not every:
        raise InvalidInputError("the id of an execution, or --all: one of them")
    with open_qdash() as qdash:
        if execution_id is None:
            project_id = qdash.projects.require_editor(user, project)
            jobs = [job_to_resume(one, username=user) for one in interrupted(qdash, project_id)]
        else:
            execution, _ = qdash.executions.show(qdash.projects.require(project), execution_id)
            job = job_to_resume(execution, username=user)
    if execution_id is None:
        _resume_all(ctx, jobs, as_json=as_json)
    else:
        run_and_show(ctx, job, as_json=as_json)


def _resume_all(ctx: click.Context, jobs: Sequence[FlowJob], *, as_json: bool) -> None:
    """Resume one after the other; what stops one does not stop the others."""
    from qdash_core.cli.calibrate import outcome_document, run_and_watch, show_outcome
    from qdash_core.errors import QDashError

    outcomes: list[dict[str, Any]] = []
    for job in jobs:
        try:
            execution, flagged = run_and_watch(job)
        except QDashError as error:
            outcomes.append({"execution_id": job.resume, "error": str(error)})
            click.echo(f"{job.resume}: {error}", err=True)
            continue
        outcomes.append(outcome_document(execution))
        if not as_json:
            show_outcome(execution, flagged=flagged)
    if as_json:
        emit_json(outcomes)
    elif not jobs:
        click.echo("nothing to resume")
    ctx.exit(0 if all(outcome.get("status") == "completed" for outcome in outcomes) else 1)


@click.command()
@click.argument("execution_id", metavar="ID")
@options.project
@options.user
@options.as_json
@click.pass_context
def cancel(ctx: click.Context, execution_id: str, project: str | None, user: str, as_json: bool) -> None:
    """Stop an execution, whoever runs it, and wait for its end.

    What was measured is kept. A process that does not answer is killed after a while (`cancel_grace_s`).
    """
    from qdash_core.application import open_qdash
    from qdash_core.cli.executions import header
    from qdash_core.runs.cancelling import cancel_execution

    with open_qdash() as qdash:
        project_id = qdash.projects.require_editor(user, project)
        execution = cancel_execution(qdash, project_id, execution_id, user)
    if as_json:
        emit_json(header(execution))
    else:
        click.echo(f"{execution.execution_id} {execution.status}: {counts(execution.tasks)}")
    # It may have come to its own end before it heard of it.
    ctx.exit(0 if execution.status == "cancelled" else 1)
