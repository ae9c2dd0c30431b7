"""Commands `qdash executions resume`, `cancel`, `follow`, `logs` and `adopt`."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from qdash_builtin.runs.commands.watched_runs import (
    RunMode,
    fail_on_option,
    follow_run,
    is_failed,
    refuse_fail_on,
    resume_and_watch,
    run_mode_options,
    show_and_exit,
    show_outcome,
    submit_and_show,
)
from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.rendering.output import emit, emit_json, format_count, format_outcomes, print_message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qdash_builtin.runs.commands.watched_runs import FailOn
    from qdash_builtin.runs.views.executions import ExecutionHeader
    from qdash_core.documents.base import Document
    from qdash_core.operations.transport import Transport

_LOOK_S = 0.5
"""Seconds between two checks of a run."""
_END_S = 5.0
"""Time for the end of a run whose process was killed, in seconds."""


@click.command()
@click.argument("execution_id", metavar="[ID|last]", required=False)
@click.option("--all", "every", is_flag=True, help="Every interrupted execution that was not repeated since.")
@run_mode_options
@fail_on_option
@access_options
@options.json_option
@click.pass_context
def resume(
    ctx: click.Context,
    execution_id: str | None,
    every: bool,
    mode: RunMode,
    fail_on: FailOn | None,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Resume an interrupted, failed or cancelled execution.

    Completed tasks are not measured again. The rest of its flow waits in the queue while the chip is in use.
    """
    from qdash_builtin.runs.operations.executions import interrupted_executions, resume_execution
    from qdash_core.errors import InvalidInputError
    from qdash_core.operations.transport import list_every

    if (execution_id is None) is not every:
        raise InvalidInputError("name an execution or use --all, not both")
    if execution_id is None:
        with command_user.connect() as home:
            ids = [one.execution_id for one in list_every(home, interrupted_executions)]
        _resume_all(ctx, ids, mode, fail_on=fail_on, command_user=command_user, as_json=as_json)
    elif mode.detach:
        refuse_fail_on(fail_on)
        submit_and_show(
            lambda home: home.ask(resume_execution, execution_id),
            command_user=command_user,
            as_json=as_json,
        )
    else:
        ended = resume_and_watch(execution_id, command_user=command_user, mode=mode)
        show_and_exit(ctx, ended, fail_on=fail_on, command_user=command_user, as_json=as_json)


def _resume_all(
    ctx: click.Context,
    ids: Sequence[str],
    mode: RunMode,
    *,
    fail_on: FailOn | None,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Resume executions one after another; a failure does not stop the rest."""
    from qdash_builtin.runs.views.executions import RefusalDocument
    from qdash_core.errors import QDashError

    outcomes: list[Document] = []
    completed = 0
    for execution_id in ids:
        try:
            ended = resume_and_watch(execution_id, command_user=command_user, mode=mode)
        except QDashError as error:
            outcomes.append(RefusalDocument(execution_id=execution_id, error=str(error)))
            print_message(f"{execution_id}: {error}", err=True)
            continue
        outcomes.append(ended.outcome)
        completed += not is_failed(ended, fail_on)
        if not as_json:
            show_outcome(ended, command_user)
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
    from qdash_builtin.runs.operations.executions import cancel_execution

    with command_user.connect() as home:
        execution = _wait_for_end(home, home.ask(cancel_execution, execution_id))
    if as_json:
        emit_json(execution)
    else:
        print_message(
            f"{execution.execution_id} {execution.status}: {format_outcomes(execution.outcomes) or 'no results'}"
        )
    # The run may have ended before it noticed the request.
    ctx.exit(0 if execution.status == "cancelled" else 1)


def _wait_for_end(home: Transport, execution: ExecutionHeader) -> ExecutionHeader:
    """Return a cancelled execution when it has ended; raise LockedError if its process does not react.

    At home it has ended; at a host its process or the worker ends it after `cancel_grace_s`.
    """
    from qdash_builtin.runs.operations.executions import execution_header
    from qdash_builtin.runs.operations.settings import show_settings
    from qdash_core.errors import LockedError

    if execution.status.terminal:
        return execution
    named, patience_s = execution.execution_id, 2.0 * home.ask(show_settings).cancel_grace_s + _END_S
    deadline = time.monotonic() + patience_s
    while not execution.status.terminal:
        if time.monotonic() >= deadline:
            raise LockedError(
                f"execution {named} has not ended {patience_s:g} s after the request to cancel it: "
                f"`qdash executions follow {named}` waits for its end"
            )
        time.sleep(_LOOK_S)
        execution = home.ask(execution_header, named)
    return execution


@click.command()
@click.argument("execution_id", metavar="ID|last")
@fail_on_option
@access_options
@options.json_option
@click.pass_context
def follow(
    ctx: click.Context, execution_id: str, fail_on: FailOn | None, command_user: CommandUser, as_json: bool
) -> None:
    """Follow a run from any terminal until it has ended. Ctrl-C does not stop the run."""
    from qdash_builtin.runs.operations.executions import execution_header

    with command_user.connect() as home:
        named = home.ask(execution_header, execution_id).execution_id
        ended = follow_run(home, named, command_user)
    show_and_exit(ctx, ended, fail_on=fail_on, command_user=command_user, as_json=as_json)


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
    from qdash_builtin.runs.operations.executions import execution_header
    from qdash_builtin.runs.views.executions import LogDocument

    with command_user.connect() as home:
        named = home.ask(execution_header, execution_id).execution_id
        parts = _iter_log(home, named, goes_on=goes_on)
        if as_json:
            emit_json(LogDocument(execution_id=named, text="".join(parts)))
        else:
            for text in parts:
                emit(text)


def _iter_log(home: Transport, execution_id: str, *, goes_on: bool) -> Iterator[str]:
    """Yield the parts of a log; if it goes on, until its execution has ended."""
    from qdash_builtin.runs.operations.executions import execution_header
    from qdash_builtin.runs.operations.logs import execution_log
    from qdash_core.operations.transport import list_every

    seq, is_over = 0, not goes_on
    while True:
        for one in list_every(home, execution_log, execution_id, seq):
            seq = one.seq
            yield one.text
        if is_over:
            return
        # The log ends with the run attempt, even if the run is queued to be resumed.
        is_over = home.ask(execution_header, execution_id).status.terminal
        time.sleep(_LOOK_S)  # its last lines are written just after its end


@click.command()
@click.argument("execution_id", metavar="ID|last")
@click.option("--confirm", metavar="CHIP", help="Id of the chip, instead of typing it when asked.")
@access_options
@options.json_option
def adopt(execution_id: str, confirm: str | None, command_user: CommandUser, as_json: bool) -> None:
    """Make the accepted values of a simulated execution the values of its chip.

    Values that were measured later stay. Type the id of the chip to confirm.
    """
    from qdash_builtin.runs.operations.executions import execution_header
    from qdash_builtin.values.operations.value_changes import adopt_values
    from qdash_builtin.values.requests.value_changes import AdoptionRequest
    from qdash_core.errors import InvalidInputError

    with command_user.connect() as home:
        resolved_id = home.ask(execution_header, execution_id).execution_id
        if confirm is None:
            if as_json or not sys.stdin.isatty():
                raise InvalidInputError("confirm the adoption with --confirm CHIP, the id of the chip")
            confirm = click.prompt(
                f"Type the id of the chip to adopt the simulated values of {resolved_id}", err=True
            )
        found = home.ask(adopt_values, resolved_id, AdoptionRequest(chip_id=confirm))
    if as_json:
        emit_json(found)
        return
    n_adopted, n_kept = (sum(map(len, values.values())) for values in (found.adopted, found.kept))
    kept = f"; {format_count(n_kept, 'newer value')} stayed" if n_kept else ""
    print_message(
        f"{confirm}: {format_count(n_adopted, 'simulated value')} of {resolved_id} adopted{kept}; "
        f"`qdash metrics {confirm}` marks them"
    )
    for coupling, control in found.directions.items():
        print_message(f"coupling {coupling}: qubit {control} is now the control")
