"""Command `qdash calibrate`: run a flow on a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_builtin.runs.commands.run_options import RunOptions, flow_option, run_options
from qdash_builtin.runs.commands.run_preview import show_preview
from qdash_builtin.runs.commands.watched_runs import RunMode, fail_on_option, run_and_show, run_mode_options
from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.rendering.output import emit_json, print_message

if TYPE_CHECKING:
    from qdash_builtin.runs.commands.watched_runs import FailOn
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
        request = run.make_request(chip_id, flow, command_user)
    if dry_run:
        ctx.exit(0 if show_preview(request, as_json=as_json, command_user=command_user) or conditions else 1)
    try:
        run_and_show(ctx, request, mode, fail_on=fail_on, command_user=command_user, as_json=as_json)
    except NothingToDoError as error:
        if as_json:
            emit_json({"execution_id": None, "status": "nothing to do", "tasks": {}, "message": str(error)})
        else:
            print_message(str(error))


def _make_rerun_request(since: str, *, command_user: CommandUser) -> RunRequest:
    """Return the request that reruns the incomplete part of an execution."""
    from qdash_builtin.runs.operations.executions import show_rerun_request

    with command_user.connect() as home:
        return home.ask(show_rerun_request, since)
