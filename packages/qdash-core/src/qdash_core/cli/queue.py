"""Command `qdash queue`: runs that wait for their chip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.rendering.output import emit_json, print_message, print_table
from qdash_core.cli.rendering.times import format_short_time, format_time_header

if TYPE_CHECKING:
    from collections.abc import Sequence

_EXECUTIONS = click.argument("execution_ids", metavar="ID|last...", nargs=-1, required=True)


@click.group()
def queue() -> None:
    """Show waiting runs and change their order."""


@queue.command("list")
@access_options
@options.json_option
def list_queue(command_user: CommandUser, as_json: bool) -> None:
    """List waiting and running runs in the order of the queue."""
    from qdash_core.operations.transport import list_every
    from qdash_core.resources.queue import list_queue as list_queue_entries
    from qdash_core.resources.workers import list_workers
    from qdash_core.runs.submission import NO_WORKER

    with command_user.connect() as home:
        entries = list(list_every(home, list_queue_entries))
        is_left = any(one.detached and one.state == "waiting" for one in entries)
        unattended = is_left and not home.ask(list_workers.paged(limit=1)).items
        zone = home.zone
    if as_json:
        emit_json(entries)
        return
    if not entries:
        print_message("the queue is empty")
        return
    since = format_time_header("since", zone, (one.submitted_at for one in entries))
    print_table(
        ("execution", "chip", "flow", "user", since, "state", "waits for"),
        (
            (
                one.execution_id,
                one.chip_id,
                f"{one.name}, to be resumed" if one.resume else one.name,
                one.username,
                format_short_time(one.submitted_at, zone),
                one.state,
                one.waits_for,
            )
            for one in entries
        ),
        fold=("waits for",),
    )
    if unattended:
        print_message(NO_WORKER, err=True)


@queue.command()
@_EXECUTIONS
@click.option("--first", is_flag=True, help="Move them to the head of the queue.")
@click.option("--last", is_flag=True, help="Move them to the end of the queue.")
@click.option("--before", metavar="ID|last", help="Move them before this run.")
@access_options
@options.json_option
def move(
    execution_ids: tuple[str, ...],
    first: bool,
    last: bool,
    before: str | None,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Move waiting runs in the queue, in the given order: all of them, or none."""
    from qdash_core.errors import InvalidInputError

    if first + last + (before is not None) != 1:
        raise InvalidInputError("use one of --first, --last and --before ID")
    change = {"first": first, "last": last, "before": before}
    _change(execution_ids, change, command_user=command_user, as_json=as_json)


@queue.command()
@_EXECUTIONS
@access_options
@options.json_option
def hold(execution_ids: tuple[str, ...], command_user: CommandUser, as_json: bool) -> None:
    """Hold waiting runs until they are released; later runs overtake them."""
    _change(execution_ids, {"held": True}, command_user=command_user, as_json=as_json)


@queue.command()
@_EXECUTIONS
@access_options
@options.json_option
def release(execution_ids: tuple[str, ...], command_user: CommandUser, as_json: bool) -> None:
    """Release held runs."""
    _change(execution_ids, {"held": False}, command_user=command_user, as_json=as_json)


@queue.command()
@_EXECUTIONS
@access_options
@options.json_option
def remove(execution_ids: tuple[str, ...], command_user: CommandUser, as_json: bool) -> None:
    """Remove waiting runs from the queue. A new run is cancelled; one to be resumed does not change."""
    _change(execution_ids, {"removed": True}, command_user=command_user, as_json=as_json)


def _change(
    execution_ids: Sequence[str], change: dict[str, Any], *, command_user: CommandUser, as_json: bool
) -> None:
    from qdash_core.resources.queue import change_queue
    from qdash_core.resources.requests.runs import QueueChanges

    asked = QueueChanges(execution_ids=list(execution_ids), **change)
    with command_user.connect() as home:
        done = home.ask(change_queue, asked)
    if as_json:
        emit_json(done)
        return
    for one in done.changes:
        print_message(f"execution {one.execution_id} is {one.done}")
