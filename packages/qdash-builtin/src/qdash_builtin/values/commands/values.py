"""Commands `qdash values`: set, accept, reject, use, trust, setting, undo, show, log and revert."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from qdash_builtin.values.operations.value_changes import operations
from qdash_builtin.values.views.values import DecisionDocument, ValueEventDocument, ValueEventHeader
from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.operation_commands import add_commands
from qdash_cli.rendering.output import emit_json, format_count, format_value, print_message, print_table
from qdash_cli.rendering.times import format_time_header
from qdash_core.documents.pages import PageOf
from qdash_core.errors import InvalidInputError
from qdash_core.models.name_summary import summarize_names
from qdash_core.models.quantities import use_unit_symbols

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from qdash_builtin.values.selection import TargetChoice
    from qdash_builtin.values.views.values import ChangedValueDocument, ReversionDocument

_MOST_NAMED = 6
_KINDS = {
    "turned": "direction set",
    "used": "result used",
    "adopted": "simulated values adopted",
    "converted": "units converted",
}
"""Texts for kinds of events that are unclear alone."""


@click.group()
def values() -> None:
    """Set, accept, reject, trust, undo and revert values of a chip."""


@dataclass(frozen=True, slots=True)
class GivenTargets:
    """Lists of targets as the user wrote them, or None; without a list, all targets are meant."""

    qubits: str | None = None
    muxes: str | None = None
    couplings: str | None = None

    def parse(self) -> TargetChoice:
        """Return the chosen targets; raise InvalidInputError if a list is invalid."""
        from qdash_builtin.values.selection import TargetChoice

        return TargetChoice.parse(qubits=self.qubits, muxes=self.muxes, couplings=self.couplings)


def target_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options `--qids`, `--mux` and `--couplings` to a command, passed as one argument `targets`."""

    @wraps(command)
    def chosen(*args: Any, qids: str | None, mux: str | None, couplings: str | None, **rest: Any) -> Any:
        return command(*args, targets=GivenTargets(qids, mux, couplings), **rest)

    of_qubits = click.option("--qids", metavar="LIST", help="Qubits, such as 0-3,7.")
    of_muxes = click.option("--mux", metavar="LIST", help="Multiplexers, such as 0-1: all their qubits.")
    of_couplings = click.option("--couplings", metavar="LIST", help="Couplings, such as 0-1,1-2.")
    return of_qubits(of_muxes(of_couplings(chosen)))


metrics_option = click.option(
    "--metrics", metavar="NAMES", help="Parameters, separated by commas; default: all."
)
reason_option = click.option("--reason", metavar="TEXT", help="Reason for the change.")


@values.command()
@click.argument("chip_id", metavar="CHIP")
@click.option(
    "--to",
    required=True,
    metavar="TIME|EXECUTION|release:NAME",
    help="A time such as '2026-11-20 18:00' or 12h (12 hours ago), an execution (its end), or a release.",
)
@target_options
@metrics_option
@reason_option
@click.option("--dry-run", is_flag=True, help="Show the changes without making them.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation, as without a terminal.")
@access_options
@options.json_option
def revert(
    chip_id: str,
    to: str,
    targets: GivenTargets,
    metrics: str | None,
    reason: str | None,
    dry_run: bool,
    yes: bool,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Restore the values of an earlier time, an execution or a release.

    Values of parameters that had none at that time are kept, and listed.
    """
    revert_values(
        chip_id,
        to,
        targets,
        metrics,
        reason or "",
        dry_run=dry_run,
        yes=yes,
        command_user=command_user,
        as_json=as_json,
    )


def revert_values(
    chip_id: str,
    to: str,
    targets: GivenTargets,
    metrics: str | None,
    reason: str,
    *,
    dry_run: bool,
    yes: bool,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Revert values and print the changes; ask first on a terminal unless `yes` is True."""
    from qdash_builtin.values.operations.value_changes import preview_reversion
    from qdash_builtin.values.operations.value_changes import revert_values as operation
    from qdash_builtin.values.requests.value_changes import ReversionFilter, ReversionRequest

    names = split_names(metrics)
    asks = not (dry_run or yes or as_json) and sys.stdin.isatty()
    with command_user.connect() as home:
        if dry_run or asks:
            found = home.ask(
                preview_reversion,
                chip_id,
                ReversionFilter(
                    to=to,
                    qubits=targets.qubits,
                    muxes=targets.muxes,
                    couplings=targets.couplings,
                    metric=tuple(names or ()),
                ),
            )
        if asks:
            _show_reversion(found)
            if not found.changes or not click.confirm("Restore these values?"):
                return
            to = found.to
        if not dry_run:
            request = ReversionRequest(
                to=to,
                qubits=targets.qubits,
                muxes=targets.muxes,
                couplings=targets.couplings,
                metrics=names,
                reason=reason,
            )
            found = home.ask(operation, chip_id, request)
    if as_json:
        emit_json(found)
        return
    if not asks:
        _show_reversion(found)
    if found.event is not None:
        print_message(
            f"event {found.event} of chip {chip_id}: {format_count(len(found.changes), 'value')} restored; "
            f"`qdash values undo {found.event}` undoes this"
        )
    if dry_run and found.changes:
        print_message(f"preview: {_count_changes(found)}; nothing was changed")


@values.command()
@click.argument("chip_id", metavar="CHIP")
@reason_option
@click.option("--dry-run", is_flag=True, help="Show the changes without making them.")
@access_options
@options.json_option
def convert(
    chip_id: str, reason: str | None, dry_run: bool, command_user: CommandUser, as_json: bool
) -> None:
    """Convert values that are stored in another unit than tasks declare.

    `qdash doctor` names the chips. The conversion is one event, which can be undone.
    """
    from qdash_builtin.values.operations.value_changes import convert_units, preview_unit_conversion
    from qdash_builtin.values.requests.value_changes import UnitConversionRequest

    with command_user.connect() as home:
        if dry_run:
            found = home.ask(preview_unit_conversion, chip_id)
        else:
            found = home.ask(convert_units, chip_id, UnitConversionRequest(reason=reason or ""))
    if as_json:
        emit_json(found)
        return
    if found.changes:
        _print_changes(found.changes)
    else:
        print_message(f"every value of chip {chip_id} that can be converted is in the unit of its quantity")
    for one in found.kept:
        unit = "" if one.before is None else one.before.get("unit", "")
        print_message(
            f"{one.parameter} of {one.target} stays in {unit}, which is not convertible: measure it again"
        )
    if found.event is not None:
        count = format_count(len(found.changes), "value")
        print_message(
            f"event {found.event} of chip {chip_id}: {count} converted; `qdash values undo {found.event}` undoes this"
        )
    elif found.changes:
        print_message(f"preview: {format_count(len(found.changes), 'value')}; nothing was changed")


def split_names(metrics: str | None) -> list[str] | None:
    """Return the parameters that `--metrics` names, or None without it; raise InvalidInputError if it names none."""
    if metrics is None:
        return None
    names = [name.strip() for name in metrics.split(",") if name.strip()]
    if not names:
        raise InvalidInputError("--metrics: name at least one parameter")
    return names


def _print_event(event: ValueEventDocument, _zone: ZoneInfo, *, dry_run: bool = False) -> None:
    if event.changes or (not event.fitness and event.decided):
        _print_changes(event.changes)
    _print_further_changes(event)
    for qid, change in (event.fitness or {}).items():
        print_message(f"{qid} is {use_unit_symbols(change.describe())}")
    why = f": {event.reason}" if event.reason else ""
    for warning in event.warnings or ():
        print_message(f"warning: {warning}")
    if dry_run:
        print_message(f"nothing was changed: `qdash values undo {event.undoes}` makes these changes")
        return
    print_message(
        f"event {event.number} of chip {event.chip_id}, {_describe_kind(event)} by {event.username}{why}"
    )


def _print_undo(event: ValueEventDocument, zone: ZoneInfo, sent: Mapping[str, Any]) -> None:
    _print_event(event, zone, dry_run=sent["body"].dry_run)


def _print_decision(decided: DecisionDocument, zone: ZoneInfo) -> None:
    _print_event(decided.event, zone)
    if decided.used_by:
        print_message("results that had used the rejected values:")
        print_table(
            ("result", "task", "target", "execution"),
            ((one.task_id, one.name, one.target, one.execution_id) for one in decided.used_by),
        )
        print_message(f"`qdash provenance impact {decided.task_id}` lists everything that depends on them")


def _print_acceptance(decided: DecisionDocument, zone: ZoneInfo, _sent: object) -> None:
    _print_decision(decided, zone)
    changed = {one.parameter for one in decided.event.changes}
    if later := [name for name in decided.event.decided or () if name not in changed]:
        print_message(
            f"{', '.join(later)}: a later value stays in use; `qdash values use {decided.task_id}` replaces it"
        )


def _show_reversion(reversion: ReversionDocument) -> None:
    if reversion.changes:
        _print_changes(reversion.changes)
    else:
        print_message(f"nothing changes: the values are those of {reversion.to}")
    for coupling, control in reversion.directions.items():
        print_message(f"{coupling}: control qubit {control}")
    if reversion.kept:
        print_message(
            f"{format_count(len(reversion.kept), 'value')} kept that did not exist at that time: {_name_some(reversion.kept)}"
        )
    if reversion.withdrawn:
        print_message(
            f"{format_count(len(reversion.withdrawn), 'former value')} withdrawn since, not restored: {_name_some(reversion.withdrawn)}"
        )


def _count_changes(reversion: ReversionDocument) -> str:
    """Return the number of values that a reversion restores, and of those that it removes."""
    removed = sum(one.after is None for one in reversion.changes)
    restored = f"{format_count(len(reversion.changes) - removed, 'value')} restored"
    return f"{restored}, {removed} of the replaced direction removed" if removed else restored


def _name_some(kept: Iterable[ChangedValueDocument]) -> str:
    return summarize_names([f"{one.parameter} of {one.target}" for one in kept], _MOST_NAMED)


def _print_changes(changes: Iterable[ChangedValueDocument]) -> None:
    rows = [
        (
            one.target,
            one.parameter,
            *(format_value(value) or "\N{EN DASH}" for value in (one.before, one.after)),
        )
        for one in changes
    ]
    if rows:
        print_table(("target", "parameter", "before", "after"), rows)
    else:
        print_message("no value in use changed")


def _print_further_changes(event: ValueEventDocument) -> None:
    for target in event.targets:
        if target in event.directions:
            print_message(f"{target}: control qubit {event.directions[target] or 'not chosen'}")
        for name, override in (event.trusted or {}).items():
            print_message(f"{target}: {name} trusted until {override.until:%Y-%m-%d %H:%M} UTC")
        for name in event.ended_trust or ():
            print_message(f"{target}: {name} not trusted by a user")
        for settings, back in ((event.settings, ""), (event.ended_settings, " is no longer recorded")):
            if settings and target in settings:
                print_message(f"{target}: {settings[target]}{back}")
        if event.status_changes and target in event.status_changes:
            change = event.status_changes[target]
            print_message(f"{target}: status {change.before} becomes {change.after}")


def _describe_kind(head: ValueEventHeader) -> str:
    if head.undoes is not None:
        return f"undo of event {head.undoes}{f' (commit of scope {head.scope})' if head.scope else ''}"
    if head.scope:
        return f"{head.kind} scope {head.scope}"
    if head.kind == "imported" and head.source:
        return f"imported from {head.source}"
    if head.kind == "reverted":
        return f"reverted to {head.source}"
    if head.kind == "calibrated":
        return f"calibrated in {head.execution_id}"
    return _KINDS.get(head.kind, str(head.kind))


def _print_log(found: Sequence[ValueEventHeader], zone: ZoneInfo) -> None:
    time = format_time_header("time", zone, (one.created_at for one in found))
    print_table(
        ("event", time, "change", "targets", "parameters", "by", "reason"),
        (_make_log_row(one, zone) for one in found),
        fold=("parameters", "reason"),
    )


def _make_log_row(event: ValueEventHeader, zone: ZoneInfo) -> tuple[object, ...]:
    return (
        event.number,
        event.created_at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"),
        _describe_kind(event) + (f", undone by {event.undone_by}" if event.undone_by else ""),
        summarize_names(event.targets, _MOST_NAMED),
        summarize_names(event.parameters),
        event.username,
        event.reason,
    )


add_commands(
    values,
    operations,
    {
        PageOf[ValueEventHeader]: _print_log,
        ValueEventDocument: _print_event,
        DecisionDocument: _print_decision,
        "values accept": _print_acceptance,
        "values undo": _print_undo,
    },
)
