"""Runs that a command waits for: progress display and outcome."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import click

from qdash_core.cli.rendering.output import emit_json, print_message
from qdash_core.models.times import format_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from qdash_core.application import QDash
    from qdash_core.cli.command_user import CommandUser
    from qdash_core.cli.rendering.run_display import RunDisplay
    from qdash_core.documents.executions import SubmittedDocument
    from qdash_core.models.access import Access
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.marks import Mark
    from qdash_core.models.request import RunRequest
    from qdash_core.models.task import TaskResultModel
    from qdash_core.operations.transport import Transport

    FailOn = Literal["any"]


@dataclass(frozen=True, slots=True)
class RunMode:
    """Run mode of a command: wait while the chip is in use, or leave the run to a worker.

    Parameters
    ----------
    wait : bool
        Whether to wait while the chip is in use.
    detach : bool
        Whether a worker performs it.
    """

    wait: bool = True
    detach: bool = False


@dataclass(frozen=True, slots=True)
class EndedRun:
    """Run that has ended.

    Parameters
    ----------
    execution : ExecutionModel
        Its last execution.
    results : list of TaskResultModel
        Results of that execution.
    n_failed : int
        Number of failed tasks, in all executions of the run.
    marks : mapping of Mark to int
        Number of values in use of its chip with each mark; empty if its values are not those of the chip.
    now_failed : mapping of str to str
        Qubits and couplings whose status is failed because of a result of that execution, with the reasons.
    """

    execution: ExecutionModel
    results: list[TaskResultModel]
    n_failed: int
    marks: Mapping[Mark, int]
    now_failed: Mapping[str, str]

    @classmethod
    def read(cls, qdash: QDash, access: Access, execution: ExecutionModel) -> EndedRun:
        """Return the run of an execution that has ended."""
        execution, results = qdash.executions.show(access, execution.execution_id)
        n_failed = qdash.executions.count_failed_tasks(access, execution.execution_id)
        if execution.simulated or execution.scope is not None:
            return cls(execution, results, n_failed, {}, {})
        chip = qdash.metrics.get_judged_states(access, execution.chip_id)
        now_failed = chip.find_failures(execution.execution_id)
        return cls(execution, results, n_failed, chip.judgement.count_marks(), now_failed)

    def is_failed(self, fail_on: FailOn | None) -> bool:
        """Return whether the command has failed: nothing completed, the run broke off or, on request, any task failed."""
        return self.execution.status != "completed" or (fail_on == "any" and self.n_failed > 0)


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
        from qdash_core.resources.executions import submit_run

        refuse_fail_on(fail_on)
        submit_and_show(
            lambda home: home.ask(submit_run, request), command_user=command_user, as_json=as_json
        )
        return
    ended = run_and_watch(request, mode, command_user=command_user)
    show_and_exit(ctx, ended, fail_on=fail_on, as_json=as_json)


def show_and_exit(ctx: click.Context, ended: EndedRun, *, fail_on: FailOn | None, as_json: bool) -> None:
    """Show the outcome of a run, and exit with the corresponding status."""
    from qdash_core.documents.executions import OutcomeDocument

    if as_json:
        emit_json(OutcomeDocument.from_execution(ended.execution))
    else:
        show_outcome(ended)
    ctx.exit(1 if ended.is_failed(fail_on) else 0)


def submit_and_show(
    submit: Callable[[Transport], SubmittedDocument], *, command_user: CommandUser, as_json: bool
) -> None:
    """Queue a run for a worker, and print its id."""
    from qdash_core.models.project import make_command_options

    with command_user.connect() as home:
        submission = submit(home)
        further = make_command_options(home.project_id, command_user.username)
    if as_json:
        emit_json(submission)
    else:
        print_message(submission.execution_id)
    if submission.advice:
        print_message(submission.advice, err=True)
    print_message(
        f"see `qdash queue list`, `qdash executions follow {submission.execution_id}{further}`", err=True
    )


def run_and_watch(request: RunRequest, mode: RunMode, *, command_user: CommandUser) -> EndedRun:
    """Run a request with a progress display; return the ended run."""
    with command_user.open_for_writing() as (qdash, access), prestart_process(qdash):
        done = [] if request.since is None else qdash.runs.list_completed_results(access, request.since)
        return _run_with_display(
            qdash,
            access,
            done,
            lambda watcher: qdash.runs.run(
                access, request, progress=watcher, wait=mode.wait, waiting=watcher.waiting
            ),
        )


def resume_and_watch(execution_id: str, *, command_user: CommandUser, mode: RunMode) -> EndedRun:
    """Resume an execution with a progress display; return the ended run."""
    with command_user.open_for_writing() as (qdash, access), prestart_process(qdash):
        named = qdash.executions.resolve_id(access, execution_id)
        return _run_with_display(
            qdash,
            access,
            qdash.runs.list_completed_results(access, named),
            lambda watcher: qdash.runs.resume(
                access, named, progress=watcher, wait=mode.wait, waiting=watcher.waiting
            ),
        )


def _run_with_display(
    qdash: QDash, access: Access, done: list[TaskResultModel], run: Callable[[RunDisplay], ExecutionModel]
) -> EndedRun:
    from qdash_core.cli.rendering.run_display import RunDisplay

    with RunDisplay(done) as watcher:
        execution = run(watcher)
    return EndedRun.read(qdash, access, execution)


@contextmanager
def prestart_process(qdash: QDash) -> Iterator[None]:
    """Let the runner, if it can, start a process now, which imports its modules while the run is prepared."""
    from qdash_core.hooks.runners import StartsAhead

    runner = qdash.registry.runner(qdash.settings.runner)
    with runner.ahead(qdash.settings) if qdash.shared and isinstance(runner, StartsAhead) else nullcontext():
        yield


def show_outcome(ended: EndedRun) -> None:
    from qdash_core.cli.rendering.failed_targets import print_now_failed
    from qdash_core.cli.rendering.marks import print_marked
    from qdash_core.cli.run_results import print_counts
    from qdash_core.models.project import make_command_options

    execution = ended.execution
    print_counts(execution)
    if execution.elapsed_time is not None and execution.lab_seconds is not None:
        print_message(
            f"{format_duration(execution.elapsed_time)} elapsed, {format_duration(execution.lab_seconds)} of laboratory time"
        )
    if execution.simulated:
        print_message(
            f"simulated: the values stay with the execution; see `qdash executions show {execution.id_with_options}`"
        )
        return
    further = make_command_options(execution.project_id, execution.username)
    if execution.scope is not None:
        print_message(
            f"the values are kept in a scope; see `qdash scope show {execution.chip_id} {execution.scope}{further}`"
        )
        return
    chip = f"{execution.chip_id}{further}"
    request = execution.request
    flow = None if request is None or request.is_user_flow else request.flow
    print_now_failed(execution.chip_id, ended.now_failed, flow=flow, further=further)
    print_marked(chip, ended.marks, of=f"marked values of {execution.chip_id}")
    print_message(f"see `qdash metrics {chip}` and `qdash executions show {execution.id_with_options}`")
