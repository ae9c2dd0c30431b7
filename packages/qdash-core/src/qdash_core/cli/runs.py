"""Commands `qdash executions resume`, `cancel`, `follow` and `logs`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.rendering.output import emit, emit_json, format_status_counts, print_message
from qdash_core.cli.watched_runs import (
    RunMode,
    resume_and_watch,
    run_mode_options,
    show_and_exit,
    show_outcome,
    submit_and_show,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.documents.base import Document


@click.command()
@click.argument("execution_id", metavar="[ID|last]", required=False)
@click.option("--all", "every", is_flag=True, help="Every interrupted execution that was not repeated since.")
@run_mode_options
@access_options
@options.json_option
@click.pass_context
def resume(
    ctx: click.Context,
    execution_id: str | None,
    every: bool,
    mode: RunMode,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Resume an interrupted, failed or cancelled execution.

    Completed tasks are not measured again. The rest of its flow waits in the queue while the chip is in use.
    """
    from qdash_core.errors import InvalidInputError

    if (execution_id is None) is not every:
        raise InvalidInputError("name an execution or use --all, not both")
    if execution_id is None:
        with command_user.changing() as (qdash, access):
            ids = [one.execution_id for one in qdash.runs.list_interrupted(access)]
        _resume_all(ctx, ids, mode, command_user=command_user, as_json=as_json)
    elif mode.detach:
        submit_and_show(
            lambda qdash, access: qdash.runs.submissions.submit_resume(
                access, qdash.executions.resolve_id(access, execution_id)
            ),
            command_user=command_user,
            as_json=as_json,
        )
    else:
        ended, results = resume_and_watch(execution_id, command_user=command_user, mode=mode)
        show_and_exit(ctx, ended, results, as_json=as_json)


def _resume_all(
    ctx: click.Context,
    ids: Sequence[str],
    mode: RunMode,
    *,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Resume executions one after another; a failure does not stop the rest."""
    from qdash_core.documents.executions import OutcomeDocument, RefusalDocument
    from qdash_core.errors import QDashError
    from qdash_core.record.run_results import count_flagged

    outcomes: list[Document] = []
    completed = 0
    for execution_id in ids:
        try:
            execution, results = resume_and_watch(execution_id, command_user=command_user, mode=mode)
        except QDashError as error:
            outcomes.append(RefusalDocument(execution_id=execution_id, error=str(error)))
            print_message(f"{execution_id}: {error}", err=True)
            continue
        outcomes.append(OutcomeDocument.from_execution(execution))
        completed += execution.status == "completed"
        if not as_json:
            show_outcome(execution, flagged=count_flagged(results))
    if as_json:
        emit_json(outcomes)
    elif not ids:
        print_message("nothing to resume")
    ctx.exit(0 if completed == len(ids) else 1)


@click.command()
@click.argument("execution_id", metavar="ID|last")
@access_options
@options.json_option
@click.pass_context
def cancel(ctx: click.Context, execution_id: str, command_user: CommandUser, as_json: bool) -> None:
    """Cancel an execution and wait for its end; a waiting run leaves the queue.

    Recorded results are kept. A process that does not answer is killed after a while (`cancel_grace_s`).
    """
    from qdash_core.documents.executions import ExecutionHeader

    with command_user.changing() as (qdash, access):
        named = qdash.executions.resolve_id(access, execution_id)
        execution = qdash.runs.cancel(access, named)
    if as_json:
        emit_json(ExecutionHeader.from_execution(execution))
    else:
        print_message(f"{execution.execution_id} {execution.status}: {format_status_counts(execution.tasks)}")
    # The run may have ended before it noticed the request.
    ctx.exit(0 if execution.status == "cancelled" else 1)


@click.command()
@click.argument("execution_id", metavar="ID|last")
@access_options
@options.json_option
@click.pass_context
def follow(ctx: click.Context, execution_id: str, command_user: CommandUser, as_json: bool) -> None:
    """Follow a run from any terminal until it has ended. Ctrl-C does not stop the run."""
    from qdash_core.cli.rendering.run_display import RunDisplay

    with command_user.reading() as (qdash, access):
        named = qdash.executions.resolve_id(access, execution_id)
        with RunDisplay() as watcher:
            execution = qdash.runs.follow(access, named, watcher, waiting=watcher.waiting)
        _, results = qdash.executions.show(access, named)
    show_and_exit(ctx, execution, results, as_json=as_json)


@click.command()
@click.argument("execution_id", metavar="ID|last")
@click.option("--follow", "goes_on", is_flag=True, help="Show further lines until the run has ended.")
@access_options
@options.json_option
def logs(execution_id: str, goes_on: bool, command_user: CommandUser, as_json: bool) -> None:
    """Show the log of a run: warnings, failures, output of plugins and programs."""
    from qdash_core.errors import InvalidInputError

    if goes_on and as_json:
        raise InvalidInputError("use --follow or --json, not both")
    from qdash_core.documents.executions import LogDocument
    from qdash_core.runs.logs import read_log

    with command_user.reading() as (qdash, access):
        named = qdash.executions.resolve_id(access, execution_id)
        if as_json:
            text = "".join(read_log(qdash, access, named))
            emit_json(LogDocument(execution_id=named, text=text))
        else:
            for text in read_log(qdash, access, named, follow=goes_on):
                emit(text)
