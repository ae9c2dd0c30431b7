"""Command `qdash calibrate`: run a flow on a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.rendering.output import emit_json, format_count, print_message
from qdash_core.cli.run_options import RunOptions, flow_option, run_options
from qdash_core.cli.timelines import describe_blocks, describe_expected_time
from qdash_core.cli.watched_runs import RunMode, fail_on_option, run_and_show, run_mode_options

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.cli.watched_runs import FailOn
    from qdash_core.flows.dry_run import Stage
    from qdash_core.flows.run_preview import Forecast
    from qdash_core.models.request import RunRequest


@click.command()
@click.argument("chip_id", metavar="CHIP")
@flow_option
@run_options
@click.option(
    "--since",
    metavar="ID|last",
    help="With --only failed: only failed tasks of this execution, and those skipped because of them, with its flow and targets.",
)
@click.option("--dry-run", is_flag=True, help="Check and show the run without performing it.")
@run_mode_options
@fail_on_option
@access_options
@options.json_option
@click.pass_context
def calibrate(
    ctx: click.Context,
    chip_id: str,
    flow: str | None,
    run: RunOptions,
    since: str | None,
    dry_run: bool,
    mode: RunMode,
    fail_on: FailOn | None,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Run a flow on a chip and record the results.

    While the chip is in use, the run waits in the queue.
    """
    from qdash_core.errors import InvalidInputError, NothingToDoError

    fields = run.collect_fields()
    conditions = fields.pop("only", ())
    if since is not None:
        if conditions != ("failed",):
            raise InvalidInputError(
                "--since repeats the failed tasks of an execution: use it with --only failed alone, and omit it for other conditions"
            )
        if flow is not None or fields.keys() - {"tags", "repeat"}:
            raise InvalidInputError("--since uses flow, targets and parameters of that execution: omit them")
        request = _make_rerun_request(since, command_user=command_user)
        request = request.model_copy(update={"chip_id": chip_id, **fields})
    elif flow is None:
        raise click.MissingParameter(ctx=ctx, param_hint="'--flow'", param_type="option")
    else:
        request = run.make_request(chip_id, flow)
    if dry_run:
        ctx.exit(0 if _show_plan(request, as_json, command_user=command_user) or conditions else 1)
    try:
        run_and_show(ctx, request, mode, fail_on=fail_on, command_user=command_user, as_json=as_json)
    except NothingToDoError as error:
        if as_json:
            emit_json({"execution_id": None, "status": "nothing to do", "tasks": {}, "message": str(error)})
        else:
            print_message(str(error))


def _make_rerun_request(since: str, *, command_user: CommandUser) -> RunRequest:
    """Return the request that reruns the incomplete part of an execution."""
    with command_user.open_for_writing() as (qdash, access):
        named = qdash.executions.resolve_id(access, since)
        return qdash.runs.submissions.rerun(access, named)


def _show_plan(request: RunRequest, as_json: bool, *, command_user: CommandUser) -> bool:
    """Print the preview of a request; return whether it would measure anything."""
    from qdash_core.documents.previews import PreviewDocument
    from qdash_core.flows.exclusions import describe_skipped_tasks
    from qdash_core.models.project import ProjectRole

    with command_user.open_for_writing(ProjectRole.VIEWER) as (qdash, access):
        foreseen = qdash.runs.preview(access, request)
    if as_json:
        emit_json(PreviewDocument.from_preview(foreseen))
        return foreseen.measures
    if foreseen.tasks_left_out:
        print_message(f"not run: {describe_skipped_tasks(foreseen.tasks_left_out)}")
    for stage, forecast in zip(foreseen.stages, foreseen.forecasts, strict=True):
        _show_stage(stage, forecast)
    if foreseen.left_out:
        print_message(f"not measured: {_format_exclusions(foreseen.left_out)}")
    if not foreseen.measures:
        print_message("nothing would be measured: no target is left")
    return foreseen.measures


def _show_stage(stage: Stage, forecast: Forecast | None) -> None:
    if not stage.foreseen:
        print_message(f"{stage.step}: not known beforehand: the step decides during the run")
    if not stage.tasks:
        print_message(f"{stage.step}: of {format_count(len(stage.targets), 'target')}")
        return
    names = ", ".join(task.name for task in stage.tasks)
    print_message(f"{stage.step}: {format_count(len(stage.tasks), 'task')}: {names}")
    targets = f"{format_count(len(stage.targets), 'target')}: {_format_targets(stage.targets)}"
    print_message(f"  on {targets}" if stage.targets else "  on no target")
    if stage.rest is not None and stage.targets:
        anew = f"{len(stage.rest)} of them: {_format_targets(tuple(stage.rest))}" if stage.rest else "nothing"
        print_message(f"  measured again: {anew}")
    if forecast is not None:
        times = describe_expected_time(forecast.makespan_s, forecast.lower_bound_s, forecast.group_by_group_s)
        groups = format_count(len(forecast.groups), "group")
        print_message(f"  in {groups}{describe_blocks(forecast.strategy, forecast.barriers)}: {times}")


def _format_exclusions(left_out: Mapping[str, str]) -> str:
    """Return omitted targets grouped by reason, with ranges of qubits: `0-8, 10-63 (not failed)`."""
    from qdash_core.models.target_lists import format_targets

    alike: dict[str, list[str]] = {}
    for target, reason in left_out.items():
        alike.setdefault(reason, []).append(target)
    return "; ".join(f"{format_targets(targets)} ({reason})" for reason, targets in alike.items())


def _format_targets(targets: Sequence[str]) -> str:
    return "the whole chip" if tuple(targets) == ("",) else ", ".join(targets)
