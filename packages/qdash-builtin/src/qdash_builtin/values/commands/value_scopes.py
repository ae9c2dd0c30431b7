"""Commands `qdash scope`: list, show, commit and discard value scopes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from qdash_builtin.values.operations import value_scopes
from qdash_builtin.values.views.value_scopes import ValueScopeDocument, ValueScopeHeader
from qdash_cli.operation_commands import add_commands
from qdash_cli.rendering.output import format_count, format_value, print_message, print_table
from qdash_cli.rendering.times import format_short_time, format_time, format_time_header
from qdash_core.documents.pages import PageOf
from qdash_core.models.target_lists import name_targets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from zoneinfo import ZoneInfo


@click.group()
def scope() -> None:
    """List and show value scopes of a chip, and commit or discard them."""


def _print_scopes(found: Sequence[ValueScopeHeader], zone: ZoneInfo) -> None:
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


def _print_scope(view: ValueScopeDocument, zone: ZoneInfo) -> None:
    print_message(f"value scope {view.name} of {view.chip_id}: {_describe_status(view, zone)}")
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


def _print_commit(view: ValueScopeDocument, _zone: ZoneInfo, _sent: object) -> None:
    kept = f"; {format_count(len(view.kept), 'newer value')} of the chip kept" if view.kept else ""
    removed = (
        f"; {format_count(len(view.removed), 'value')} of the former direction removed"
        if view.removed
        else ""
    )
    print_message(
        f"{view.chip_id}: {format_count(len(view.changes), 'value')} of scope {view.name} committed{kept}{removed}; "
        f"`qdash values undo {view.event}` undoes this"
    )
    _print_directions(view)
    _print_statuses(view)


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


add_commands(
    scope,
    value_scopes.operations,
    {
        PageOf[ValueScopeHeader]: _print_scopes,
        ValueScopeDocument: _print_scope,
        "scope commit": _print_commit,
    },
)
