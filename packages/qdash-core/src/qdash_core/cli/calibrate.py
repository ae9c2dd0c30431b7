"""Command `qdash calibrate`: run a flow on a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, acting
from qdash_core.cli.rendering.output import counted, emit_json, say
from qdash_core.cli.run_options import RunOptions, flow_option, run_options
from qdash_core.cli.timelines import expected
from qdash_core.cli.watched_runs import RunMode, manner, run_and_show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.flows.dry_run import Stage
    from qdash_core.flows.run_preview import Forecast
    from qdash_core.models.request import RunRequest


@click.command()
@click.argument("chip_id", metavar="CHIP")
@flow_option
@run_options
@click.option(
    "--only",
    type=click.Choice(["failed"]),
    help="Only failed tasks of the execution in --since, and those skipped because of them.",
)
@click.option("--since", metavar="ID|last", help="Execution for --only, whose flow and targets are used.")
@click.option("--dry-run", is_flag=True, help="Check and show the run without performing it.")
@manner
@acting
@options.as_json
@click.pass_context
def calibrate(
    ctx: click.Context,
    chip_id: str,
    flow: str | None,
    run: RunOptions,
    only: str | None,
    since: str | None,
    dry_run: bool,
    manner: RunMode,
    acting: CommandUser,
    as_json: bool,
) -> None:
    """Run a flow on a chip and record the results.

    While the chip is in use the run waits in the queue, and begins when it is its turn.
    """
    from qdash_core.errors import InvalidInputError

    if (only is None) is not (since is None):
        raise InvalidInputError("--only failed requires --since ID, and vice versa")
    if since is not None:
        if flow is not None or run.fields().keys() - {"tags"}:
            raise InvalidInputError("--since uses flow, targets and parameters of that execution: omit them")
        request = _make_rerun_request(since, chip_id, run.tags, acting=acting)
    elif flow is None:
        raise click.MissingParameter(ctx=ctx, param_hint="'--flow'", param_type="option")
    else:
        request = run.request(chip_id, flow)
    if dry_run:
        ctx.exit(0 if _show_plan(request, as_json, acting=acting) else 1)
    else:
        run_and_show(ctx, request, manner, acting=acting, as_json=as_json)


def _make_rerun_request(
    since: str, chip_id: str, tags: tuple[str, ...], *, acting: CommandUser
) -> RunRequest:
    """Return the request that reruns the incomplete part of an execution."""
    with acting.changing() as (qdash, access):
        named = qdash.executions.resolve_id(access, since)
        request = qdash.runs.submissions.rerun(access, named)
    return request.model_copy(update={"chip_id": chip_id, "tags": tags or request.tags})


def _show_plan(request: RunRequest, as_json: bool, *, acting: CommandUser) -> bool:
    """Print the preview of a request; return whether it would measure anything."""
    from qdash_core.documents.previews import PreviewDocument
    from qdash_core.flows.exclusions import describe_exclusions, describe_skipped_tasks
    from qdash_core.models.project import ProjectRole

    with acting.changing(ProjectRole.VIEWER) as (qdash, access):
        foreseen = qdash.runs.preview(access, request)
    if as_json:
        emit_json(PreviewDocument.of(foreseen))
        return foreseen.measures
    if foreseen.left_out:
        say(f"not measured: {describe_exclusions(foreseen.left_out)}")
    if foreseen.tasks_left_out:
        say(f"not run: {describe_skipped_tasks(foreseen.tasks_left_out)}")
    for stage, forecast in zip(foreseen.stages, foreseen.forecasts, strict=True):
        _show_stage(stage, forecast)
    if not foreseen.measures:
        say("nothing would be measured: no target is left")
    return foreseen.measures


def _show_stage(stage: Stage, forecast: Forecast | None) -> None:
    if not stage.tasks:
        say(f"{stage.step}: of {counted(len(stage.targets), 'target')}")
        return
    names = ", ".join(task.name for task in stage.tasks)
    say(f"{stage.step}: {counted(len(stage.tasks), 'task')}: {names}")
    targets = f"{counted(len(stage.targets), 'target')}: {_format_targets(stage.targets)}"
    say(f"  on {targets}" if stage.targets else "  on no target")
    if stage.rest is not None and stage.targets:
        anew = (
            f"{len(stage.rest)} of them: {_format_targets(tuple(stage.rest))}"
            if stage.rest
            else "none of them"
        )
        say(f"  measured anew on {anew}")
    if forecast is not None:
        times = expected(forecast.makespan_s, forecast.lower_bound_s, forecast.group_by_group_s)
        say(f"  in {counted(len(forecast.groups), 'group')}: {times}")


def _format_targets(targets: Sequence[str]) -> str:
    return "the whole chip" if tuple(targets) == ("",) else ", ".join(targets)
