"""Command `qdash timetable`: runs and other activities that start automatically."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qdash_builtin.runs.commands.run_options import RunOptions, flow_option, resolve_flow, run_options
from qdash_builtin.timetables import operations as timetables
from qdash_builtin.timetables.activities import get_activity, select_kind
from qdash_builtin.timetables.calendar import describe_rule, get_zone
from qdash_builtin.timetables.commands.time_options import START_OPTIONS, TimeOptions, time_options
from qdash_builtin.timetables.requests import TimetableEdit, TimetableRequest
from qdash_builtin.timetables.views.timetables import TimetableDocument
from qdash_cli import options
from qdash_cli.command_user import CommandUser, access_options
from qdash_cli.operation_commands import DerivedCommand, add_commands
from qdash_cli.rendering.output import emit_json, print_message, print_table
from qdash_cli.rendering.times import format_short_time, format_time, format_time_header
from qdash_core.documents.pages import PageOf
from qdash_core.errors import InvalidInputError
from qdash_core.models.times import format_duration
from qdash_core.operations.command import Command

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_builtin.timetables.activity import Activity

_OPTION_NAMES = {
    "chip_id": "CHIP",
    "flow": "--flow",
    "digest": "--digest",
    "since": "--since",
    "backup": "--backup",
    "keep": "--keep",
}
"""Names of the options of activities; the others are those of runs."""
_since_option = click.option(
    "--since",
    metavar="18:00|12h",
    help="Start of the digest, evaluated at each occurrence: a time (18:00 is the last one), 12h, an execution (its end) or release:NAME; default: 18:00 the day before.",
)


_backup_option = click.option(
    "--backup",
    metavar="FOLDER",
    help="Make backups of the whole store in this folder of the machine of the worker; for owners of project `default`.",
)
_keep_option = click.option(
    "--keep",
    multiple=True,
    metavar="KIND=AGE|N",
    help="Remove older data of the project that nothing refers to: raw=90d, executions=365d or events=30d; for owners. May be repeated. "
    "With --backup, the number of complete backups to keep.",
)


@click.group()
def timetable() -> None:
    """Start runs, send digests, remove old data or make backups automatically: at times of day, at intervals, once, or after each cool-down."""


@timetable.command()
@click.argument("name", metavar="NAME")
@click.argument("chip_id", metavar="[CHIP]", required=False)
@flow_option
@click.option("--digest", is_flag=True, help="Send the digest of the chip instead of starting a run.")
@_since_option
@_backup_option
@_keep_option
@time_options
@run_options
@access_options
@options.json_option
@click.pass_context
def add(
    ctx: click.Context,
    name: str,
    chip_id: str | None,
    flow: str | None,
    digest: bool,
    since: str | None,
    backup: str | None,
    keep: tuple[str, ...],
    time: TimeOptions,
    run: RunOptions,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Add a timetable that starts a flow on a chip, sends its digest, removes old data of the project (--keep) or makes backups.

    It is checked now and at each start.
    """
    given = _collect_given(
        command_user,
        run,
        chip_id=chip_id,
        flow=flow,
        digest=digest,
        since=since,
        backup=backup,
        keep=keep,
    )
    kind = select_kind(given)
    _refuse_other_options(kind, given)
    _require_options(ctx, kind, given)
    activity = kind.from_options(given)
    with command_user.connect() as home:
        fields = time.collect_fields(home.zone)
        if "when" not in fields:
            raise InvalidInputError(f"use one of {START_OPTIONS} to set the start times")
        request = TimetableRequest(name=name, **{activity.field: activity.request}, **fields)
        made = home.ask(timetables.create_timetable, request)
    _show(made, as_json=as_json)


@timetable.command()
@click.argument("name", metavar="NAME")
@click.option("--chip", "chip_id", metavar="CHIP", help="Chip.")
@flow_option
@_since_option
@_backup_option
@_keep_option
@time_options
@run_options
@access_options
@options.json_option
def edit(
    name: str,
    chip_id: str | None,
    flow: str | None,
    since: str | None,
    backup: str | None,
    keep: tuple[str, ...],
    time: TimeOptions,
    run: RunOptions,
    command_user: CommandUser,
    as_json: bool,
) -> None:
    """Edit a timetable. It then acts as the user who changed its activity or times."""
    given = _collect_given(
        command_user, run, chip_id=chip_id, flow=flow, since=since, backup=backup, keep=keep
    )

    with command_user.connect() as home:
        former, version = home.ask_versioned(timetables.show_timetable, name)
        fields = time.collect_fields(get_zone(former.timezone))
        activity = get_activity(former)
        _refuse_other_options(type(activity), given)
        if given:
            fields[activity.field] = activity.from_options(given, activity.request).request
        if not fields:
            raise InvalidInputError("nothing to change: use an option such as --cron '0 3 * * *'")
        changed = home.ask(timetables.edit_timetable.at_version(version), name, TimetableEdit(**fields))
    _show(changed, as_json=as_json)


@timetable.command()
@click.argument("name", metavar="NAME")
@access_options
@options.json_option
def start(name: str, command_user: CommandUser, as_json: bool) -> None:
    """Start the run of a timetable now, for a worker, and print its id."""
    from qdash_builtin.runs.commands.watched_runs import submit_and_show

    submit_and_show(
        lambda home: home.ask(timetables.start_timetable, name), command_user=command_user, as_json=as_json
    )


def _collect_given(command_user: CommandUser, run: RunOptions, **options: Any) -> dict[str, Any]:
    """Return the options of activities that are given, by name."""
    given = {name: value for name, value in options.items() if value not in (None, False, ())}
    if flow := given.get("flow"):
        given["flow"] = resolve_flow(flow, command_user)
    if folder := given.get("backup"):
        given["backup"] = str(Path(folder).absolute())
    return given | run.collect_fields()


def _refuse_other_options(kind: type[Activity[Any]], given: dict[str, Any]) -> None:
    """Raise InvalidInputError if an option of another kind of activity is given."""
    if others := given.keys() - kind.options.keys():
        names = sorted({_OPTION_NAMES.get(name, "the options of a run") for name in others})
        raise InvalidInputError(f"{' and '.join(names)} cannot be used for a timetable that {kind.does}")


def _require_options(ctx: click.Context, kind: type[Activity[Any]], given: dict[str, Any]) -> None:
    """Raise MissingParameter if a required option of a kind of activity is absent."""
    for name in kind.required:
        if name not in given:
            hint = _OPTION_NAMES[name]
            param_type = "option" if hint.startswith("-") else "argument"
            raise click.MissingParameter(ctx=ctx, param_hint=f"'{hint}'", param_type=param_type)


def _show(found: TimetableDocument, *, as_json: bool) -> None:
    if as_json:
        emit_json(found)
    else:
        _print_timetable(found)


def _print_timetable(found: TimetableDocument, _zone: ZoneInfo | None = None) -> None:
    activity = get_activity(found)
    zone, request, within_s = get_zone(found.timezone), found.request, found.begin_within_s
    print_message(f"timetable {found.name}: {activity}, {_describe_times(found)}, as {found.username}")
    for what, value in (
        ("state", _describe_state(found)),
        ("next", ", ".join(format_time(one, zone) for one in found.next_starts) or found.waits_for),
        ("last", _describe_last_start(found, lambda at: format_time(at, zone))),
        ("only targets that are", " or ".join(request.only) if request else ""),
        ("scope", (request.scope if request else None) or ""),
        ("missed", activity.describe_missed(found.missed)),
        ("until", format_time(found.until, zone)),
        ("begins within", "" if within_s is None else format_duration(within_s, whole=True)),
    ):
        if value:
            print_message(f"  {what}: {value}")
    for advice in found.advice or ():
        print_message(advice, err=True)


def _print_timetables(found: Sequence[TimetableDocument], zone: ZoneInfo) -> None:
    lasts = (one.last for one in found)
    last = format_time_header("last start", zone, (None if one is None else one.at for one in lasts))
    nexts = [one.next_starts[0] if one.next_starts else None for one in found]
    print_table(
        ("timetable", "flow", "chip", "when", format_time_header("next start", zone, nexts), last, "state"),
        (
            (
                one.name,
                get_activity(one).label,
                one.chip_id,
                _describe_times(one),
                format_short_time(next_start, zone),
                _describe_last_start(one, lambda at: format_short_time(at, zone)),
                _describe_state(one),
            )
            for one, next_start in zip(found, nexts, strict=True)
        ),
        fold=("when", last),
    )


def _describe_times(timetable: TimetableDocument) -> str:
    when = timetable.when
    if when.kind == "moment":
        return describe_rule(when, get_zone(timetable.timezone))
    words = describe_rule(when, UTC)
    return f"{words} ({timetable.timezone})" if when.kind == "cron" else words


def _describe_state(timetable: TimetableDocument) -> str:
    if timetable.paused:
        return "paused"
    return "active" if timetable.next_at or timetable.waits_for else "over"


def _describe_last_start(timetable: TimetableDocument, in_words: Callable[[datetime], str]) -> str:
    last = timetable.last
    if last is None:
        return ""
    what = f"{last.became} {last.execution_id}".rstrip()
    return f"{in_words(last.at)} {what}{f': {last.why}' if last.why else ''}"


_TEXTS: dict[Any, Any] = {TimetableDocument: _print_timetable, PageOf[TimetableDocument]: _print_timetables}
add_commands(timetable, timetables.operations, _TEXTS)
for _command in (
    Command("timetable pause", help="Pause a timetable until it is resumed.", sends={"paused": True}),
    Command(
        "timetable resume",
        help="Resume a paused timetable with its next start; passed ones do not count as missed.",
        sends={"paused": False},
    ),
):
    timetable.add_command(DerivedCommand(timetables.edit_timetable, _command, _TEXTS))
