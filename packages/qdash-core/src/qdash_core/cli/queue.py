"""Command `qdash queue`: runs that wait for their chip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.rendering.output import emit_json, print_message, print_table
from qdash_core.cli.rendering.times import format_short_time, format_time_header
from qdash_core.runs.submission import NO_WORKER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core.application import QDash
    from qdash_core.documents.queue import QueueChangeKind
    from qdash_core.models.access import Access

_EXECUTIONS = click.argument("execution_ids", metavar="ID|last...", nargs=-1, required=True)


@click.group()
def queue() -> None:
    """Show waiting runs and change their order."""


@queue.command("list")
@access_options
@options.json_option
def list_queue(command_user: CommandUser, as_json: bool) -> None:
    """List waiting and running runs in the order of the queue."""
    from qdash_core.documents.queue import QueueEntryDocument

    with command_user.open_for_reading() as (qdash, access):
        entries = qdash.queue.list_entries(access)
        workers = qdash.queue.list_workers()
        zone = qdash.zone
    if as_json:
        emit_json([QueueEntryDocument.from_status(one) for one in entries])
        return
    if not entries:
        print_message("the queue is empty")
        return
    since = format_time_header("since", zone, (one.entry.submitted_at for one in entries))
    print_table(
        ("execution", "chip", "flow", "user", since, "state", "waits for"),
        (
            (
                one.entry.execution_id,
                one.entry.chip_id,
                f"{one.entry.name}, to be resumed" if one.entry.resume else one.entry.name,
                one.entry.username,
                format_short_time(one.entry.submitted_at, zone),
                one.state,
                one.waits_for,
            )
            for one in entries
        ),
        fold=("waits for",),
    )
    if not workers and any(one.entry.detached and one.state == "waiting" for one in entries):
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
    with command_user.open_for_writing() as (qdash, access):
        named = _resolve(qdash, access, execution_ids)
        behind = None if before is None else qdash.executions.resolve_id(access, before)
        qdash.queue.change_many(access, named, before=behind, first=first)
    _show_done(named, "moved", as_json=as_json)


@queue.command()
@_EXECUTIONS
@access_options
@options.json_option
def hold(execution_ids: tuple[str, ...], command_user: CommandUser, as_json: bool) -> None:
    """Hold waiting runs until they are released; later runs overtake them."""
    with command_user.open_for_writing() as (qdash, access):
        named = _resolve(qdash, access, execution_ids)
        qdash.queue.change_many(access, named, held=True)
    _show_done(named, "held", as_json=as_json)


@queue.command()
@_EXECUTIONS
@access_options
@options.json_option
def release(execution_ids: tuple[str, ...], command_user: CommandUser, as_json: bool) -> None:
    """Release held runs."""
    with command_user.open_for_writing() as (qdash, access):
        named = _resolve(qdash, access, execution_ids)
        qdash.queue.change_many(access, named, held=False)
    _show_done(named, "released", as_json=as_json)


@queue.command()
@_EXECUTIONS
@access_options
@options.json_option
def remove(execution_ids: tuple[str, ...], command_user: CommandUser, as_json: bool) -> None:
    """Remove waiting runs from the queue. A new run is cancelled; one to be resumed does not change."""
    with command_user.open_for_writing() as (qdash, access):
        named = _resolve(qdash, access, execution_ids)
        qdash.queue.change_many(access, named, removed=True)
    _show_done(named, "removed", as_json=as_json)


def _resolve(qdash: QDash, access: Access, execution_ids: Sequence[str]) -> list[str]:
    """Return the ids of the named executions, each once."""
    return [*dict.fromkeys(qdash.executions.resolve_id(access, one) for one in execution_ids)]


def _show_done(execution_ids: Sequence[str], what: QueueChangeKind, *, as_json: bool) -> None:
    from qdash_core.documents.queue import QueueChangeDocument, QueueChangesDocument

    if as_json:
        changes = [QueueChangeDocument(execution_id=one, done=what) for one in execution_ids]
        emit_json(QueueChangesDocument(changes=changes))
        return
    for one in execution_ids:
        print_message(f"execution {one} is {what}")
