"""Commands `qdash scope`: list, show, commit and discard value scopes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.rendering.output import emit_json, format_count, print_message, print_table
from qdash_core.cli.rendering.times import format_short_time, format_time, format_time_header
from qdash_core.models.quantities import format_quantity
from qdash_core.models.target_lists import name_targets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.value_change import ValueScopeModel
    from qdash_core.record.value_scopes import ScopeView
    from qdash_core.record.value_transfer import ValueTransfer


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
    from qdash_core.documents.value_scopes import ValueScopeHeader

    with command_user.open_for_reading() as (qdash, access):
        found = qdash.value_scopes.list_by_chip(access, chip_id)
        zone = qdash.zone
    if as_json:
        emit_json([ValueScopeHeader.from_record(one) for one in found])
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
    with command_user.open_for_reading() as (qdash, access):
        view = qdash.value_scopes.show(access, chip_id, name)
        zone = qdash.zone
    if as_json:
        _emit(view)
        return
    users = ", ".join(sorted({one.username for one in view.executions}))
    print_message(f"value scope {name} of {chip_id}: {_describe_status(view.scope, zone)}")
    if view.scope.reason:
        print_message(f"reason: {view.scope.reason}")
    n_executions = format_count(len(view.executions), "execution")
    print_message(f"{n_executions} by {users}: {', '.join(view.scope.executions)}")
    rows = [*_make_rows(view.transfer)]
    if rows:
        committed = view.scope.event is not None
        names = ("before", "scope", "by the commit") if committed else ("chip", "scope", "on commit")
        print_table(("target", "parameter", *names), rows, fold=names[-1:])
    else:
        print_message("no accepted value yet")
    _print_directions(view.transfer)
    _print_statuses(view.transfer)


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
    with command_user.open_for_writing() as (qdash, access):
        view = qdash.value_scopes.commit(access, chip_id, name, reason=reason)
    if as_json:
        _emit(view)
        return
    transfer = view.transfer
    n_new, n_kept, n_removed = (
        sum(map(len, values.values())) for values in (transfer.changes, transfer.kept, transfer.removed)
    )
    kept = f"; {format_count(n_kept, 'newer value')} of the chip kept" if n_kept else ""
    removed = f"; {format_count(n_removed, 'value')} of the former direction removed" if n_removed else ""
    print_message(
        f"{chip_id}: {format_count(n_new, 'value')} of scope {name} committed{kept}{removed}; "
        f"`qdash values undo {view.scope.event}` undoes this"
    )
    _print_directions(transfer)
    _print_statuses(transfer)


@scope.command()
@_chip
@_name
@_reason
@access_options
@options.json_option
def discard(chip_id: str, name: str, reason: str, command_user: CommandUser, as_json: bool) -> None:
    """Close a scope without changing values of the chip. Its results stay in the record."""
    from qdash_core.documents.value_scopes import ValueScopeHeader

    with command_user.open_for_writing() as (qdash, access):
        closed = qdash.value_scopes.discard(access, chip_id, name, reason=reason)
    if as_json:
        emit_json(ValueScopeHeader.from_record(closed))
    else:
        print_message(f"value scope {name} of {chip_id} was discarded; the chip keeps its values")


def _emit(view: ScopeView) -> None:
    from qdash_core.documents.value_scopes import ValueScopeDocument

    emit_json(ValueScopeDocument.from_view(view))


def _describe_status(scope: ValueScopeModel, zone: ZoneInfo) -> str:
    if scope.closed_at is None:
        return str(scope.status)
    return f"{scope.status} {format_time(scope.closed_at, zone)} by {scope.closed_by}"


def _make_rows(transfer: ValueTransfer) -> Iterator[tuple[str, ...]]:
    for changes, remark in (
        (transfer.changes, "set"),
        (transfer.kept, "kept: the chip's was measured later"),
        (transfer.removed, "removed: valid only for the former direction"),
    ):
        for target, of_target in changes.items():
            for name, change in of_target.items():
                yield target, name, _format_value(change.before), _format_value(change.after), remark


def _format_value(value: ParameterModel | None) -> str:
    return "" if value is None else format_quantity(value.value, value.error, value.unit)


def _print_directions(transfer: ValueTransfer) -> None:
    for coupling, control in transfer.directions.items():
        print_message(f"coupling {coupling}: qubit {control} becomes the control")


def _print_statuses(transfer: ValueTransfer) -> None:
    for target, change in transfer.statuses.items():
        print_message(f"{name_targets([target])}: status {change.before} becomes {change.after}")
    for target, change in transfer.kept_statuses.items():
        why = "a user set it" if change.before.set_aside else "it is newer"
        print_message(
            f"{name_targets([target])}: status {change.before} stays, because {why}; in the scope it is {change.after}"
        )
