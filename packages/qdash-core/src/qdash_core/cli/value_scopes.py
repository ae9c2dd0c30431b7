"""Commands `qdash scope`: list, show, commit and discard value scopes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.rendering.output import emit_json, format_count, format_value, print_message, print_table
from qdash_core.cli.rendering.times import format_short_time, format_time, format_time_header
from qdash_core.models.target_lists import name_targets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from qdash_core.documents.value_scopes import ValueScopeDocument, ValueScopeHeader


@click.group()
def scope() -> None:
    """List and show value scopes of a chip, and commit or discard them."""


_chip = click.argument("chip_id", metavar="CHIP")
_name = click.argument("name", metavar="NAME")
_reason = click.option("--reason", default="", metavar="TEXT", help="Reason, stored with the scope.")


@scope.command("list")
@_chip
@access_options
@options.json_option
def list_scopes(chip_id: str, command_user: CommandUser, as_json: bool) -> None:
    """List the value scopes of a chip, newest first."""
    from qdash_core.operations.transport import list_every
    from qdash_core.resources.value_scopes import list_value_scopes

    with command_user.connect() as home:
        found = list(list_every(home, list_value_scopes, chip_id))
        zone = home.zone
    if as_json:
        emit_json(found)
    elif found:
        created = format_time_header("created", zone, (one.created_at for one in found))
        print_table(
            ("scope", "status", "user", created, "executions", "reason"),
            (
                (
                    one.name,
                    _describe_status(one, zone),
                    one.username,
                    format_short_time(one.created_at, zone),
                    len(one.executions),
                    one.reason,
                )
                for one in found
            ),
            fold=("reason",),
        )
    else:
        print_message(
            f"no value scopes yet: `qdash calibrate {chip_id} --flow NAME --scope NAME` creates one"
        )


@scope.command()
@_chip
@_name
@access_options
@options.json_option
def show(chip_id: str, name: str, command_user: CommandUser, as_json: bool) -> None:
    """Show the values and statuses of a scope compared with those of the chip."""
    from qdash_core.resources.value_scopes import show_value_scope

    with command_user.connect() as home:
        view = home.ask(show_value_scope, chip_id, name)
        zone = home.zone
    if as_json:
        emit_json(view)
        return
    print_message(f"value scope {name} of {chip_id}: {_describe_status(view, zone)}")
    if view.reason:
        print_message(f"reason: {view.reason}")
    n_executions = format_count(len(view.executions), "execution")
    print_message(f"{n_executions} by {', '.join(view.users)}: {', '.join(view.executions)}")
    rows = [*_make_rows(view)]
    if rows:
        committed = view.event is not None
        names = ("before", "scope", "by the commit") if committed else ("chip", "scope", "on commit")
        print_table(("target", "parameter", *names), rows, fold=names[-1:])
    else:
        print_message("no accepted value yet")
    _print_directions(view)
    _print_statuses(view)


@scope.command()
@_chip
@_name
@_reason
@access_options
@options.json_option
def commit(chip_id: str, name: str, reason: str, command_user: CommandUser, as_json: bool) -> None:
    """Make the values and statuses of a scope the chip's. Values of the chip that were measured later stay.

    This is one value event. `qdash values undo` undoes it and reopens the scope.
    """
    from qdash_core.resources.requests.value_changes import ClosingRequest
    from qdash_core.resources.value_scopes import commit_value_scope

    with command_user.connect() as home:
        view = home.ask(commit_value_scope, chip_id, name, ClosingRequest(reason=reason))
    if as_json:
        emit_json(view)
        return
    kept = f"; {format_count(len(view.kept), 'newer value')} of the chip kept" if view.kept else ""
    removed = (
        f"; {format_count(len(view.removed), 'value')} of the former direction removed"
        if view.removed
        else ""
    )
    print_message(
        f"{chip_id}: {format_count(len(view.changes), 'value')} of scope {name} committed{kept}{removed}; "
        f"`qdash values undo {view.event}` undoes this"
    )
    _print_directions(view)
    _print_statuses(view)


@scope.command()
@_chip
@_name
@_reason
@access_options
@options.json_option
def discard(chip_id: str, name: str, reason: str, command_user: CommandUser, as_json: bool) -> None:
    """Close a scope without changing values of the chip. Its results stay in the record."""
    from qdash_core.resources.requests.value_changes import ClosingRequest
    from qdash_core.resources.value_scopes import discard_value_scope

    with command_user.connect() as home:
        closed = home.ask(discard_value_scope, chip_id, name, ClosingRequest(reason=reason))
    if as_json:
        emit_json(closed)
    else:
        print_message(f"value scope {name} of {chip_id} was discarded; the chip keeps its values")


def _describe_status(scope: ValueScopeHeader, zone: ZoneInfo) -> str:
    if scope.closed_at is None:
        return str(scope.status)
    return f"{scope.status} {format_time(scope.closed_at, zone)} by {scope.closed_by}"


def _make_rows(scope: ValueScopeDocument) -> Iterator[tuple[str, ...]]:
    for changes, remark in (
        (scope.changes, "set"),
        (scope.kept, "kept: the chip's was measured later"),
        (scope.removed, "removed: valid only for the former direction"),
    ):
        for one in changes:
            yield one.target, one.parameter, format_value(one.before), format_value(one.after), remark


def _print_directions(scope: ValueScopeDocument) -> None:
    for coupling, control in scope.directions.items():
        print_message(f"coupling {coupling}: qubit {control} becomes the control")


def _print_statuses(scope: ValueScopeDocument) -> None:
    for target, change in scope.status_changes.items():
        print_message(f"{name_targets([target])}: status {change.before} becomes {change.after}")
    for target, change in scope.kept_statuses.items():
        why = "a user set it" if change.before.set_aside else "it is newer"
        print_message(
            f"{name_targets([target])}: status {change.before} stays, because {why}; in the scope it is {change.after}"
        )
