"""Commands `qdash values`: set, accept, reject, use, trust, setting, undo, show, log and revert."""

from __future__ import annotations

import sys
from functools import partial, wraps
from typing import TYPE_CHECKING, Any

import click

from qdash_core.cli import options
from qdash_core.cli.command_user import CommandUser, access_options
from qdash_core.cli.period_options import parse_optional_time, parse_time_option
from qdash_core.cli.rendering.output import emit_json, format_count, print_message, print_table
from qdash_core.cli.rendering.times import format_time_header
from qdash_core.cli.value_history import history
from qdash_core.cli.value_statistics import statistics
from qdash_core.errors import InvalidInputError, UnconfirmedError
from qdash_core.models.name_summary import summarize_names
from qdash_core.models.quantities import format_quantity, use_unit_symbols

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from zoneinfo import ZoneInfo

    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.value_change import ValueChangeModel
    from qdash_core.values.reversion import Reversion, RevertedValue
    from qdash_core.values.selection import TargetChoice
    from qdash_core.values.service import DecidedResult
    from qdash_core.values.writer import ValueEvent

_MOST_NAMED = 6
_KINDS = {
    "turned": "direction set",
    "used": "result used",
    "adopted": "simulated values adopted",
    "converted": "units converted",
}
"""Texts for kinds of events that are unclear alone."""
_EVENT_NUMBER = click.IntRange(1, 2**53 - 1)


@click.group()
def values() -> None:
    """Set, accept, reject, trust, undo and revert values of a chip."""


values.add_command(history)
values.add_command(statistics)


def target_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options `--qids`, `--mux` and `--couplings` to a command, passed as one argument `targets`."""

    @wraps(command)
    def chosen(*args: Any, qids: str | None, mux: str | None, couplings: str | None, **rest: Any) -> Any:
        from qdash_core.values.selection import TargetChoice

        choice = TargetChoice.parse(qubits=qids, muxes=mux, couplings=couplings)
        return command(*args, targets=choice, **rest)

    of_qubits = click.option("--qids", metavar="LIST", help="Qubits, such as 0-3,7.")
    of_muxes = click.option("--mux", metavar="LIST", help="Multiplexers, such as 0-1: all their qubits.")
    of_couplings = click.option("--couplings", metavar="LIST", help="Couplings, such as 0-1,1-2.")
    return of_qubits(of_muxes(of_couplings(chosen)))


metrics_option = click.option(
    "--metrics", metavar="NAMES", help="Parameters, separated by commas; default: all."
)
reason_option = click.option("--reason", metavar="TEXT", help="Reason for the change.")


@values.command("set")
@click.argument("chip_id", metavar="CHIP")
@click.argument("target", metavar="TARGET")
@click.argument("given", metavar="NAME=VALUE[±ERROR] ...", nargs=-1, required=True)
@reason_option
@click.option("--yes", is_flag=True, help="Set values that are far from those in use without asking.")
@access_options
@options.json_option
def set_values(
    chip_id: str,
    target: str,
    given: tuple[str, ...],
    reason: str | None,
    yes: bool,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Set values of a qubit or coupling by hand.

    They are recorded as a result with you as its author, and accepted at once; a value far from the one in use only after confirmation, or
    with --yes. Example: `qdash values set CHIP 3 t1=45.2±0.8 --reason "..."`.
    """
    from qdash_core.values.typed_values import parse_values

    parsed = parse_values(given)
    why = _ask_for_reason(reason)
    with command_user.open_for_writing() as (qdash, access):
        change = partial(qdash.values.set, access, chip_id, target, parsed, reason=why)
        try:
            event = change(confirmed=yes)
        except UnconfirmedError as error:
            if as_json or not sys.stdin.isatty():
                raise
            print_message(str(error))
            if not click.confirm("set it?", err=True):
                raise
            event = change(confirmed=True)
    _show_event(event, as_json=as_json)


@values.command()
@click.argument("task_id", metavar="TASK_ID")
@metrics_option
@reason_option
@access_options
@options.json_option
def accept(
    task_id: str, metrics: str | None, reason: str | None, command_user: CommandUser, as_json: bool
) -> None:
    """Accept a result. Each of its parameters gets its value from the newest accepted result."""
    with command_user.open_for_writing() as (qdash, access):
        resolved = qdash.results.resolve_id(access, task_id)
        decided = qdash.values.accept(access, resolved, names=split_names(metrics), reason=reason or "")
    _show_decision(decided, as_json=as_json)
    if not as_json:
        changed = {name for part in decided.event.parts for name in part.values}
        later = [name for part in decided.event.parts for name in part.decisions if name not in changed]
        if later:
            print_message(
                f"{', '.join(later)}: a later value stays in use; `qdash values use {resolved}` replaces it"
            )


@values.command()
@click.argument("task_id", metavar="TASK_ID")
@metrics_option
@reason_option
@access_options
@options.json_option
def reject(
    task_id: str, metrics: str | None, reason: str | None, command_user: CommandUser, as_json: bool
) -> None:
    """Reject a result, and list the results that had used its values.

    If one of its values is in use, that of the newest accepted result replaces it.
    """
    why = _ask_for_reason(reason)
    with command_user.open_for_writing() as (qdash, access):
        resolved = qdash.results.resolve_id(access, task_id)
        decided = qdash.values.reject(access, resolved, names=split_names(metrics), reason=why)
    _show_decision(decided, as_json=as_json)


@values.command()
@click.argument("task_id", metavar="TASK_ID")
@metrics_option
@reason_option
@access_options
@options.json_option
def use(
    task_id: str, metrics: str | None, reason: str | None, command_user: CommandUser, as_json: bool
) -> None:
    """Use the values of a result, whatever its age. They stay in use until a newer result is accepted."""
    with command_user.open_for_writing() as (qdash, access):
        resolved = qdash.results.resolve_id(access, task_id)
        decided = qdash.values.use(access, resolved, names=split_names(metrics), reason=reason or "")
    _show_decision(decided, as_json=as_json)


@values.command()
@click.argument("chip_id", metavar="CHIP")
@click.argument("target", metavar="TARGET")
@click.argument("names", metavar="NAME ...", nargs=-1, required=True)
@click.option(
    "--until",
    required=True,
    metavar="TIME",
    help="End: a time such as 2026-11-22T18:00, tomorrow 9:00, or 8h for 8 hours from now.",
)
@reason_option
@access_options
@options.json_option
def trust(
    chip_id: str,
    target: str,
    names: tuple[str, ...],
    until: str,
    reason: str | None,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Trust doubtful values until a time.

    A newer measurement of a value or the next cool-down ends this earlier. `qdash values undo` takes it back.
    """
    why = _ask_for_reason(reason)
    with command_user.open_for_writing() as (qdash, access):
        end = parse_time_option(until, qdash.zone, option="--until", ahead=True)
        event = qdash.values.trust(access, chip_id, target, names, until=end, reason=why)
    _show_event(event, as_json=as_json)


@values.command()
@click.argument("chip_id", metavar="CHIP")
@click.argument("resource", metavar="RESOURCE")
@click.argument("name", metavar="SETTING")
@click.option("--before", required=True, metavar="VALUE", help="Value before the change, such as '8.1 dBm'.")
@click.option("--after", required=True, metavar="VALUE", help="Value after the change.")
@click.option("--at", metavar="TIME", help="Time of the change; default: now.")
@reason_option
@access_options
@options.json_option
def setting(
    chip_id: str,
    resource: str,
    name: str,
    before: str,
    after: str,
    at: str | None,
    reason: str | None,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Record that a setting of a line or box changed, such as a pump, an oscillator or a firmware.

    RESOURCE is mux:13, line:U10B-5, module:U10B or chip. Values that depend on it are doubtful until they are measured again.
    """
    with command_user.open_for_writing() as (qdash, access):
        event = qdash.values.record_setting(
            access,
            chip_id,
            resource,
            name,
            before=before,
            after=after,
            at=parse_optional_time(at, qdash.zone, option="--at"),
            reason=reason or "",
        )
    _show_event(event, as_json=as_json)


@values.command()
@click.argument("number", metavar="[EVENT]", type=_EVENT_NUMBER, required=False)
@reason_option
@click.option("--dry-run", is_flag=True, help="Show the changes without making them.")
@access_options
@options.json_option
def undo(
    number: int | None, reason: str | None, dry_run: bool, command_user: CommandUser, as_json: bool
) -> None:
    """Undo a value event, by default your last one in the project.

    Events of runs and undone events are passed over for this default. An undo can be undone.
    """
    with command_user.open_for_writing() as (qdash, access):
        event = qdash.values.undo(access, number, reason=reason or "", dry_run=dry_run)
    _show_event(event, as_json=as_json, dry_run=dry_run)


@values.command()
@click.argument("number", metavar="EVENT", type=_EVENT_NUMBER)
@access_options
@options.json_option
def show(number: int, command_user: CommandUser, as_json: bool) -> None:
    """Show a value event with the values before and after it."""
    with command_user.open_for_reading() as (qdash, access):
        event = qdash.values.show_event(access, number)
    _show_event(event, as_json=as_json)


@values.command()
@click.argument("chip_id", metavar="CHIP")
@target_options
@click.option("--metric", metavar="NAME", help="Only changes of this parameter.")
@click.option("--since", metavar="TIME", help="Only changes from this time on.")
@click.option("--author", metavar="USER", help="Only changes by this user.")
@click.option("--by-hand", is_flag=True, help="Only changes by users, not those by runs.")
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="Maximum number of events."
)
@click.option(
    "--before", type=_EVENT_NUMBER, metavar="EVENT", help="Only events before this one: the next page."
)
@access_options
@options.json_option
def log(
    chip_id: str,
    targets: TargetChoice,
    metric: str | None,
    since: str | None,
    author: str | None,
    by_hand: bool,
    limit: int,
    before: int | None,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """List the value events of a chip, newest first."""
    from qdash_core.documents.values import ValueEventHeader
    from qdash_core.models.pages import PageRequest, make_cursor

    with command_user.open_for_reading() as (qdash, access):
        zone = qdash.zone
        page = qdash.values.list_events(
            access,
            chip_id,
            PageRequest(limit, None if before is None else make_cursor((before,))),
            targets=targets,
            name=metric,
            since=parse_optional_time(since, zone, option="--since"),
            username=author,
            by_hand=by_hand,
        )
    if as_json:
        emit_json([ValueEventHeader.from_event(one) for one in page.items])
        return
    if not page.items:
        print_message("no value events")
        return
    time = format_time_header("time", zone, (one.head.created_at for one in page.items))
    print_table(
        ("event", time, "change", "targets", "parameters", "by", "reason"),
        (_make_log_row(one, zone) for one in page.items),
        fold=("parameters", "reason"),
    )
    if page.next is not None:
        print_message(f"and more: --before {page.items[-1].number}")


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
    targets: TargetChoice,
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
    targets: TargetChoice,
    metrics: str | None,
    reason: str,
    *,
    dry_run: bool,
    yes: bool,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Revert values and print the changes; ask first on a terminal unless `yes` is True."""
    from qdash_core.documents.values import ReversionDocument

    names = split_names(metrics)
    asks = not (dry_run or yes or as_json) and sys.stdin.isatty()
    open_qdash = command_user.open_for_reading if dry_run else command_user.open_for_writing
    with open_qdash() as (qdash, access):
        if asks:
            preview = qdash.values.revert(access, chip_id, to, targets=targets, names=names, dry_run=True)
            _show_reversion(preview)
            if not preview.values or not click.confirm("Restore these values?"):
                return
            to = preview.source
        found = qdash.values.revert(
            access, chip_id, to, targets=targets, names=names, reason=reason, dry_run=dry_run
        )
    if as_json:
        emit_json(ReversionDocument.from_record(found))
    elif asks:
        _print_event_number(found)
    else:
        _show_reversion(found)
        _print_event_number(found)
        if dry_run and found.values:
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
    from qdash_core.documents.values import UnitConversionDocument

    open_qdash = command_user.open_for_reading if dry_run else command_user.open_for_writing
    with open_qdash() as (qdash, access):
        found = qdash.values.convert(access, chip_id, reason=reason or "", dry_run=dry_run)
    if as_json:
        emit_json(UnitConversionDocument.from_record(found))
        return
    if found.values:
        _print_changes((one.qid, one.name, one.before, one.after) for one in found.values)
    else:
        print_message(f"every value of chip {chip_id} that can be converted is in the unit of its quantity")
    for one in found.kept:
        unit = "" if one.before is None else one.before.unit
        print_message(f"{one.name} of {one.qid} stays in {unit}, which is not convertible: measure it again")
    if found.event is not None:
        number, count = found.event.number, format_count(len(found.values), "value")
        print_message(
            f"event {number} of chip {chip_id}: {count} converted; `qdash values undo {number}` undoes this"
        )
    elif found.values:
        print_message(f"preview: {format_count(len(found.values), 'value')}; nothing was changed")


def _ask_for_reason(reason: str | None) -> str:
    """Return the reason; ask for it on a terminal."""
    if reason is not None and reason.strip():
        return reason
    if reason is None and sys.stdin.isatty():
        return str(click.prompt("Reason", err=True))
    raise InvalidInputError("a reason is needed: --reason TEXT")


def split_names(metrics: str | None) -> list[str] | None:
    """Return the parameters that `--metrics` names, or None without it; raise InvalidInputError if it names none."""
    if metrics is None:
        return None
    names = [name.strip() for name in metrics.split(",") if name.strip()]
    if not names:
        raise InvalidInputError("--metrics: name at least one parameter")
    return names


def _show_event(event: ValueEvent, *, as_json: bool, dry_run: bool = False) -> None:
    from qdash_core.documents.values import ValueEventDocument

    if as_json:
        emit_json(ValueEventDocument.from_event(event))
        return
    changed = any(part.values for part in event.parts)
    if changed or (not event.fitness and any(part.decisions for part in event.parts)):
        _print_changes(
            (part.qid, name, change.before, change.after)
            for part in event.parts
            for name, change in part.values.items()
        )
    _print_further_changes(event.parts)
    for qid, change in event.fitness.items():
        print_message(f"{qid} is {use_unit_symbols(str(change))}")
    head = event.head
    why = f": {head.reason}" if head.reason else ""
    for warning in event.warnings:
        print_message(f"warning: {warning}")
    if dry_run:
        print_message(f"nothing was changed: `qdash values undo {head.undoes}` makes these changes")
        return
    print_message(
        f"event {head.number} of chip {head.chip_id}, {_describe_kind(head)} by {head.username}{why}"
    )


def _show_decision(decided: DecidedResult, *, as_json: bool) -> None:
    from qdash_core.documents.values import DecisionDocument

    if as_json:
        emit_json(DecisionDocument.from_decision(decided))
        return
    _show_event(decided.event, as_json=False)
    if decided.used_by:
        print_message("results that had used the rejected values:")
        print_table(
            ("result", "task", "target", "execution"),
            ((one.task_id, one.name, one.qid, one.execution_id) for one in decided.used_by),
        )
        print_message(
            f"`qdash provenance impact {decided.result.task_id}` lists everything that depends on them"
        )


def _show_reversion(reversion: Reversion) -> None:
    if reversion.values:
        _print_changes((one.qid, one.name, one.before, one.after) for one in reversion.values)
    else:
        print_message(f"nothing changes: the values are those of {reversion.source}")
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


def _print_event_number(reversion: Reversion) -> None:
    if reversion.event is not None:
        print_message(
            f"event {reversion.event.number} of chip {reversion.event.head.chip_id}: {format_count(len(reversion.values), 'value')} restored; "
            f"`qdash values undo {reversion.event.number}` undoes this"
        )


def _count_changes(reversion: Reversion) -> str:
    """Return the number of values that a reversion restores, and of those that it removes."""
    removed = sum(one.after is None for one in reversion.values)
    restored = f"{format_count(len(reversion.values) - removed, 'value')} restored"
    return f"{restored}, {removed} of the replaced direction removed" if removed else restored


def _name_some(kept: Iterable[RevertedValue]) -> str:
    return summarize_names([f"{one.name} of {one.qid}" for one in kept], _MOST_NAMED)


def _print_changes(
    changes: Iterable[tuple[str, str, ParameterModel | None, ParameterModel | None]],
) -> None:
    rows = [(qid, name, _format(before), _format(after)) for qid, name, before, after in changes]
    if rows:
        print_table(("target", "parameter", "before", "after"), rows)
    else:
        print_message("no value in use changed")


def _format(value: ParameterModel | None) -> str:
    return "\N{EN DASH}" if value is None else format_quantity(value.value, value.error, value.unit)


def _print_further_changes(parts: Iterable[ValueChangeModel]) -> None:
    for part in parts:
        if part.control is not None:
            print_message(f"{part.qid}: control qubit {part.control.after or 'not chosen'}")
        for name, change in part.overrides.items():
            end = (
                "not trusted by a user"
                if change.after is None
                else f"trusted until {change.after.until:%Y-%m-%d %H:%M} UTC"
            )
            print_message(f"{part.qid}: {name} {end}")
        if part.setting is not None:
            back = " is no longer recorded" if part.setting.after is None else ""
            print_message(f"{part.qid}: {part.setting.after or part.setting.before}{back}")
        if part.status is not None:
            print_message(f"{part.qid}: status {part.status.before} becomes {part.status.after}")


def _describe_kind(head: ValueChangeModel) -> str:
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


def _make_log_row(event: ValueEvent, zone: ZoneInfo) -> tuple[object, ...]:
    head = event.head
    names = sorted({name for part in event.parts for name in part.parameters})
    targets = [part.qid for part in event.parts]
    return (
        head.number,
        head.created_at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"),
        _describe_kind(head) + (f", undone by {event.undone_by}" if event.undone_by else ""),
        summarize_names(targets, _MOST_NAMED),
        summarize_names(names),
        head.username,
        head.reason,
    )
