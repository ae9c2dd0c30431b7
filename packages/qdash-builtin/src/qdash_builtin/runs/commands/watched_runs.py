"""Runs that a command waits for: progress display and outcome."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import click

from qdash_builtin.runs.feature import EXECUTIONS, RUNS
from qdash_cli.hosts import choose_host
from qdash_cli.rendering.output import emit_json, print_message
from qdash_core.models.times import format_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from qdash_builtin.runs.text_output.run_display import RunDisplay
    from qdash_builtin.runs.views.executions import ExecutionView, RunOutcomeDocument, SubmittedDocument
    from qdash_builtin.runs.views.results import RunResultDocument
    from qdash_cli.command_user import CommandUser
    from qdash_core.models.access import Access
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.request import RunRequest
    from qdash_core.models.task import TaskResultModel
    from qdash_core.operations.transport import Transport
    from qdash_core.runtime.application import QDash

    FailOn = Literal["any"]


@dataclass(frozen=True, slots=True)
class RunMode:
    """Run mode of a command: wait while the chip is in use, or leave the run to a worker (`detach`)."""

    wait: bool = True
    detach: bool = False


def is_failed(ended: RunOutcomeDocument, fail_on: FailOn | None) -> bool:
    """Return whether a command has failed: nothing completed, the run broke off or, on request, any task failed."""
    return ended.status != "completed" or (fail_on == "any" and ended.n_failed > 0)


fail_on_option = click.option(
    "--fail-on",
    type=click.Choice(["any"]),
    help="any: exit with status 1 if a task failed; default: if nothing completed.",
)


def refuse_fail_on(fail_on: FailOn | None) -> None:
    """Raise InvalidInputError if a command that does not wait for the run should exit with its status."""
    from qdash_core.errors import InvalidInputError

    if fail_on is not None:
        raise InvalidInputError(
            "use --fail-on or --detach, not both: follow the run with `qdash executions follow`"
        )


def run_mode_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options `--no-wait` and `--detach` to a command, passed as one argument `mode`."""
    from functools import wraps

    from qdash_core.errors import InvalidInputError

    @wraps(command)
    def with_manner(*args: Any, no_wait: bool, detach: bool, **options: Any) -> Any:
        if no_wait and detach:
            raise InvalidInputError("use --no-wait or --detach, not both: a detached run waits in the queue")
        return command(*args, mode=RunMode(wait=not no_wait, detach=detach), **options)

    with_no_wait = click.option(
        "--no-wait", is_flag=True, help="Refuse the run if the chip is in use, instead of waiting."
    )
    with_detach = click.option(
        "--detach", is_flag=True, help="Submit the run to a worker and print its id at once."
    )
    return with_no_wait(with_detach(with_manner))


def run_and_show(
    ctx: click.Context,
    request: RunRequest,
    mode: RunMode,
    *,
    fail_on: FailOn | None,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Run a request, show its outcome, and exit with the corresponding status."""
    if mode.detach:
        from qdash_builtin.runs.operations.executions import submit_run

        refuse_fail_on(fail_on)
        submit_and_show(
            lambda home: home.ask(submit_run, request), command_user=command_user, as_json=as_json
        )
        return
    ended = run_and_watch(request, mode, command_user=command_user)
    show_and_exit(ctx, ended, fail_on=fail_on, command_user=command_user, as_json=as_json)


def show_and_exit(
    ctx: click.Context,
    ended: RunOutcomeDocument,
    *,
    fail_on: FailOn | None,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Show the outcome of a run, and exit with the corresponding status."""
    if as_json:
        emit_json(ended.outcome)
    else:
        show_outcome(ended, command_user)
    ctx.exit(1 if is_failed(ended, fail_on) else 0)


def submit_and_show(
    submit: Callable[[Transport], SubmittedDocument], *, command_user: CommandUser, as_json: bool
) -> None:
    """Queue a run for a worker, and print its id."""
    with command_user.connect() as home:
        submission = submit(home)
        further = command_user.make_options(home.project_id)
    if as_json:
        emit_json(submission)
    else:
        print_message(submission.execution_id)
    if submission.advice:
        print_message(submission.advice, err=True)
    print_message(
        f"see `qdash queue list`, `qdash executions follow {submission.execution_id}{further}`", err=True
    )


def run_and_watch(request: RunRequest, mode: RunMode, *, command_user: CommandUser) -> RunOutcomeDocument:
    """Run a request with a progress display, here or by the workers of a host; return its outcome."""
    if choose_host(command_user.profile) is not None:
        from qdash_builtin.runs.operations.executions import submit_run

        return _submit_and_watch(
            lambda home: home.ask(submit_run.once(_make_key()), request, wait=mode.wait),
            earlier=request.since,
            command_user=command_user,
        )
    with command_user.open_for_writing() as (qdash, access), prestart_process(qdash):
        done = [] if request.since is None else qdash.get(RUNS).list_completed_results(access, request.since)
        return _run_with_display(
            qdash,
            access,
            done,
            lambda watcher: qdash.get(RUNS).run(
                access, request, progress=watcher, wait=mode.wait, waiting=watcher.waiting
            ),
        )


def resume_and_watch(execution_id: str, *, command_user: CommandUser, mode: RunMode) -> RunOutcomeDocument:
    """Resume an execution with a progress display, here or by the workers of a host; return its outcome."""
    if choose_host(command_user.profile) is not None:
        from qdash_builtin.runs.operations.executions import resume_execution

        return _submit_and_watch(
            lambda home: home.ask(resume_execution.once(_make_key()), execution_id),
            earlier=execution_id,
            command_user=command_user,
        )
    with command_user.open_for_writing() as (qdash, access), prestart_process(qdash):
        named = qdash.get(EXECUTIONS).resolve_id(access, execution_id)
        return _run_with_display(
            qdash,
            access,
            qdash.get(RUNS).list_completed_results(access, named),
            lambda watcher: qdash.get(RUNS).resume(
                access, named, progress=watcher, wait=mode.wait, waiting=watcher.waiting
            ),
        )


def _run_with_display(
    qdash: QDash, access: Access, done: list[TaskResultModel], run: Callable[[RunDisplay], ExecutionModel]
) -> RunOutcomeDocument:
    from qdash_builtin.runs.operations.executions import run_outcome
    from qdash_builtin.runs.text_output.run_display import RunDisplay
    from qdash_core.errors import FlowError, QDashError
    from qdash_core.operations.local_transport import LocalTransport

    with RunDisplay(done) as watcher:
        try:
            execution = run(watcher)
        except QDashError as error:
            if watcher.has_begun:  # a run that has begun has failed, as at a host, whatever the error is
                raise FlowError(str(error)) from error
            raise
    home = LocalTransport(qdash, access.username, access.project_id)
    return home.ask(run_outcome, execution.execution_id)


def _submit_and_watch(
    submit: Callable[[Transport], SubmittedDocument], *, earlier: str | None, command_user: CommandUser
) -> RunOutcomeDocument:
    """Submit a run to a host, and follow it; Ctrl-C leaves it. A stopped run raises the error that it raises at home."""
    from qdash_builtin.runs.followers import raise_if_stopped

    with command_user.connect() as home:
        done = [] if earlier is None else _list_completed_results(home, earlier)
        _ = home.project_id  # nothing may fail between the submission and the display
        submitted = submit(home)
        if submitted.advice:
            print_message(submitted.advice, err=True)
        ended, outcome = _follow(home, submitted.execution_id, command_user, done)
        raise_if_stopped(ended)
        return outcome


def follow_run(home: Transport, execution_id: str, command_user: CommandUser) -> RunOutcomeDocument:
    """Follow a run with a progress display until it is over, and return its outcome."""
    _, outcome = _follow(home, execution_id, command_user)
    return outcome


def _follow(
    home: Transport,
    execution_id: str,
    command_user: CommandUser,
    earlier: Sequence[RunResultDocument] = (),
) -> tuple[ExecutionView, RunOutcomeDocument]:
    """Follow a run until it is over, and return its end; Ctrl-C leaves it, and a lost connection to the host is made again."""
    from qdash_builtin.runs.followers import Follower
    from qdash_builtin.runs.operations.executions import run_changes, run_outcome
    from qdash_builtin.runs.reconnection import HostRetry
    from qdash_builtin.runs.text_output.run_display import RunDisplay

    named = f"{execution_id}{command_user.make_options(home.project_id)}"
    goes_on = f"execution {execution_id} goes on{' at the host' if command_user.asks_host else ''}"
    follows = f"`qdash executions follow {named}` follows it again"
    try:
        with RunDisplay(earlier) as watcher:
            connected = HostRetry(watcher.waiting, f"execution {execution_id} may go on: {follows}")
            follower = Follower(
                lambda since: connected.ask(lambda: home.ask(run_changes, execution_id, since)), watcher
            )
            ended = follower.follow(watcher.waiting).execution
        return ended, connected.ask(lambda: home.ask(run_outcome, ended.execution_id))
    except KeyboardInterrupt as interrupt:
        raise KeyboardInterrupt(
            f"{goes_on}: {follows}, `qdash executions cancel {named}` ends it"
        ) from interrupt


def _list_completed_results(home: Transport, execution_id: str) -> list[RunResultDocument]:
    """Return the results of an execution that a resume does not measure again."""
    from qdash_builtin.runs.operations.executions import show_selected_results
    from qdash_core.models.task import select_last_attempts

    results = home.ask(show_selected_results, execution_id).results
    return [one for one in select_last_attempts(results) if one.is_done]


def _make_key() -> str:
    from secrets import token_hex

    return token_hex(16)


@contextmanager
def prestart_process(qdash: QDash) -> Iterator[None]:
    """Let the runner, if it can, start a process now, which imports its modules while the run is prepared."""
    from qdash_core.hooks.runners import StartsAhead

    runner = qdash.registry.runner(qdash.settings.runner)
    with runner.ahead(qdash.settings) if qdash.shared and isinstance(runner, StartsAhead) else nullcontext():
        yield


def show_outcome(ended: RunOutcomeDocument, command_user: CommandUser) -> None:
    """Print the outcome of a run, with the commands that show more of it."""
    from qdash_builtin.metrics.text_output.marks import print_marked
    from qdash_builtin.runs.commands.run_results import print_counts
    from qdash_builtin.runs.text_output.failed_targets import print_now_failed

    further = command_user.make_options(ended.project_id)
    show = f"qdash executions show {ended.execution_id}{further}"
    print_counts(ended, show)
    if ended.wall_s is not None and ended.lab_s is not None and ended.keeps_lab_time:
        print_message(
            f"{format_duration(ended.wall_s)} elapsed, {format_duration(ended.lab_s)} of laboratory time"
        )
    if ended.simulated:
        print_message(f"simulated: the values stay with the execution; see `{show}`")
        return
    if ended.scope is not None:
        print_message(
            f"the values are kept in a scope; see `qdash scope show {ended.chip_id} {ended.scope}{further}`"
        )
        return
    chip = f"{ended.chip_id}{further}"
    print_now_failed(ended.chip_id, ended.now_failed, flow=ended.flow, further=further)
    print_marked(chip, ended.marks, of=f"marked values of {ended.chip_id}")
    print_message(f"see `qdash metrics {chip}` and `{show}`")
