"""Command `qdash queue`: runs that wait for their chip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_builtin.runs.operations.queue import change_queue, operations
from qdash_builtin.runs.operations.queue import list_queue as list_queue_entries
from qdash_builtin.runs.views.queue import QueueChangesDocument
from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.operation_commands import DerivedCommand, add_commands
from qdash_cli.rendering.output import emit_json, print_message, print_table
from qdash_cli.rendering.times import format_short_time, format_time_header
from qdash_core.operations.command import Command
from qdash_core.operations.transport import list_every

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


@click.group()
def queue() -> None:
    """Show waiting runs and change their order."""


@queue.command("list")
@access_options
@options.json_option
def list_queue(command_user: CommandUser, as_json: bool) -> None:
    """List waiting and running runs in the order of the queue."""
    with command_user.connect() as home:
        entries = list(list_every(home, list_queue_entries))
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


def _print_changes(done: QueueChangesDocument, _zone: ZoneInfo | None = None) -> None:
    for one in done.changes:
        print_message(f"execution {one.execution_id} is {one.done}")


_TEXTS = {QueueChangesDocument: _print_changes}
add_commands(queue, operations, _TEXTS)
for _command in (
    Command(
        "queue hold",
        help="Hold waiting runs until they are released; later runs overtake them.",
        sends={"held": True},
    ),
    Command("queue release", help="Release held runs.", sends={"held": False}),
    Command(
        "queue remove",
        help="Remove waiting runs from the queue. A new run is cancelled; one to be resumed does not change.",
        sends={"removed": True},
    ),
):
    queue.add_command(DerivedCommand(change_queue, _command, _TEXTS))
